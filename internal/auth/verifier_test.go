package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

func TestVerifyReadsTheCaller(t *testing.T) {
	v := newVerifier(t, auth.Config{Secret: secret})
	since := time.Now().UTC().Truncate(time.Second)
	until := since.Add(24 * time.Hour)
	got, err := v.Verify(hs256(object{"sub": "alice", "name": "Alice A.", "roles": "BO", "iat": since.Unix(), "exp": until.Unix()}))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "alice" || got.Name != "Alice A." || !got.Has("BO") || !got.Expires.Equal(until) || !got.IssuedAt.Equal(since) {
		t.Errorf("got %+v", got)
	}
	bare, err := v.Verify(hs256(object{"sub": "bot", "name": 7}))
	if err != nil || bare.Name != "" || len(bare.Roles) != 0 || !bare.IssuedAt.IsZero() {
		t.Errorf("a token with sub and exp only: %+v, %v", bare, err)
	}
}

func TestVerifyByAlgorithm(t *testing.T) {
	k := keys()
	jwks := keyFile(t, allKeys())
	tokens := map[string]string{
		"HS256":  hs256(alice(nil)),
		"RS256":  sign(jwt.SigningMethodRS256, k.rsa, object{"kid": "r"}, alice(nil)),
		"ES256":  sign(jwt.SigningMethodES256, k.ec, object{"kid": "e"}, alice(nil)),
		"EdDSA":  sign(jwt.SigningMethodEdDSA, k.ed, object{"kid": "d"}, alice(nil)),
		"no kid": sign(jwt.SigningMethodES256, k.ec, nil, alice(nil)),
	}
	for _, c := range []struct {
		config auth.Config
		passes []string
	}{
		{auth.Config{Secret: secret}, []string{"HS256"}},
		{auth.Config{JWKS: jwks}, []string{"RS256", "ES256", "EdDSA", "no kid"}},
		{auth.Config{Secret: secret, JWKS: jwks}, []string{"HS256", "RS256", "ES256", "EdDSA", "no kid"}},
	} {
		v := newVerifier(t, c.config)
		for name, token := range tokens {
			_, err := v.Verify(token)
			if want := slices.Contains(c.passes, name); (err == nil) != want {
				t.Errorf("secret %t, JWKS %t: %s gives %v", c.config.Secret != "", c.config.JWKS != "", name, err)
			}
			if err != nil && !errors.Is(err, auth.ErrBad) {
				t.Errorf("%s: %v is not ErrBad", name, err)
			}
		}
	}
}

func TestVerifyRequirements(t *testing.T) {
	const day = 24 * 60 * 60
	now := time.Now().Unix()
	strict := auth.Config{Secret: secret, Issuer: "https://crm.example", Audience: "chat"}
	plain := auth.Config{Secret: secret}
	for _, c := range []struct {
		requirement string
		config      auth.Config
		token       string
		want        error
	}{
		{"a missing token is missing", plain, "", auth.ErrMissing},
		{"text is malformed", plain, "hello", auth.ErrBad},
		{"two segments are malformed", plain, "e30.e30", auth.ErrBad},
		{"four segments are malformed", plain, hs256(alice(nil)) + ".e30", auth.ErrBad},
		{"a token of 16 KiB is read", plain, padded(16 << 10), nil},
		{"a token above 16 KiB is not", plain, padded(16<<10 + 1), auth.ErrBad},

		{"no sub", plain, hs256(alice(object{"sub": nil})), auth.ErrBad},
		{"an empty sub", plain, hs256(alice(object{"sub": ""})), auth.ErrBad},
		{"a sub that is a number", plain, hs256(alice(object{"sub": 42})), auth.ErrBad},
		{"a Sub is no sub", plain, hs256(alice(object{"sub": nil, "Sub": "alice"})), auth.ErrBad},

		{"exp passed", plain, hs256(alice(object{"exp": now - 1})), auth.ErrExpired},
		{"exp passed in 1970", plain, hs256(alice(object{"exp": 0})), auth.ErrExpired},
		{"exp passed before 1970", plain, hs256(alice(object{"exp": -1e300})), auth.ErrExpired},
		{"exp ten years ahead", plain, hs256(alice(object{"exp": now + 3653*day})), nil},
		{"exp more than ten years ahead", plain, hs256(alice(object{"exp": now + 3653*day + 60})), auth.ErrBad},
		{"exp in milliseconds", plain, hs256(alice(object{"exp": (now + day) * 1000})), auth.ErrBad},
		{"exp in a far future", plain, hs256(alice(object{"exp": 1e300})), auth.ErrBad},
		{"exp beyond a lifetime of our own", auth.Config{Secret: secret, MaxLifetime: time.Minute}, hs256(alice(nil)), auth.ErrBad},
		{"exp as text", plain, hs256(alice(object{"exp": "4102444800"})), auth.ErrBad},
		{"no exp", plain, signAsIs(jwt.SigningMethodHS256, []byte(secret), nil, object{"sub": "alice"}), auth.ErrBad},
		{"nbf to come", plain, hs256(alice(object{"nbf": now + day})), auth.ErrNotYetValid},
		{"nbf passed", plain, hs256(alice(object{"nbf": now - 1})), nil},
		{"nbf as a list", plain, hs256(alice(object{"nbf": []int{1}})), auth.ErrBad},
		{"iat to come", plain, hs256(alice(object{"iat": now + day})), auth.ErrNotYetValid},
		{"iat in milliseconds", plain, hs256(alice(object{"iat": now * 1000})), auth.ErrNotYetValid},
		{"iat as text", plain, hs256(alice(object{"iat": "now"})), auth.ErrBad},
		{"nbf within the leeway", auth.Config{Secret: secret, Leeway: 10 * time.Second}, hs256(alice(object{"nbf": now + 5})), nil},
		{"iat within the leeway", auth.Config{Secret: secret, Leeway: 10 * time.Second}, hs256(alice(object{"iat": now + 5})), nil},
		{"exp within the leeway", auth.Config{Secret: secret, Leeway: 10 * time.Second}, hs256(alice(object{"exp": now - 5})), nil},
		{"exp beyond the leeway", auth.Config{Secret: secret, Leeway: 10 * time.Second}, hs256(alice(object{"exp": now - 15})), auth.ErrExpired},
		{"nbf beyond the leeway", auth.Config{Secret: secret, Leeway: 10 * time.Second}, hs256(alice(object{"nbf": now + 60})), auth.ErrNotYetValid},

		{"a sub with each character of an id", plain, hs256(alice(object{"sub": "aA0_-@.+|:=~#!'*$&"})), nil},
		{"a sub with a space", plain, hs256(alice(object{"sub": "jo test"})), auth.ErrBad},
		{"a sub with a slash", plain, hs256(alice(object{"sub": "spiffe://a"})), auth.ErrBad},
		{"a sub that isn't ASCII", plain, hs256(alice(object{"sub": "ünal"})), auth.ErrBad},
		{"the sub of the placeholder for deleted users", plain, hs256(alice(object{"sub": "deleted-user"})), auth.ErrBad},
		{"a sub of 256 characters", plain, hs256(alice(object{"sub": strings.Repeat("x", 256)})), auth.ErrBad},
		{"another user claim", auth.Config{Secret: secret, UserClaim: "crm.id"}, hs256(object{"sub": "not an id", "crm": object{"id": "alice"}}), nil},
		{"another user claim that is missing", auth.Config{Secret: secret, UserClaim: "email"}, hs256(alice(nil)), auth.ErrBad},
		{"expired without sub is bad first", plain, hs256(object{"exp": 1}), auth.ErrBad},

		{"issuer and audience fit", strict, hs256(alice(object{"iss": "https://crm.example", "aud": "chat"})), nil},
		{"one of several audiences fits", strict, hs256(alice(object{"iss": "https://crm.example", "aud": []any{"a", 1, "chat"}})), nil},
		{"another issuer", strict, hs256(alice(object{"iss": "https://crm.example/", "aud": "chat"})), auth.ErrBad},
		{"no issuer", strict, hs256(alice(object{"aud": "chat"})), auth.ErrBad},
		{"another audience", strict, hs256(alice(object{"iss": "https://crm.example", "aud": "chat2"})), auth.ErrBad},
		{"no audience", strict, hs256(alice(object{"iss": "https://crm.example"})), auth.ErrBad},
		{"an audience that is an object", strict, hs256(alice(object{"iss": "https://crm.example", "aud": object{"chat": 1}})), auth.ErrBad},
		{"issuer and audience are free where not configured", plain, hs256(alice(object{"iss": "x", "aud": 5})), nil},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			caller, err := newVerifier(t, c.config).Verify(c.token)
			if !errors.Is(err, c.want) || (err != nil && c.want == nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && (caller.ID != "" || caller.Roles != nil) {
				t.Errorf("a refused token gives the caller %+v", caller)
			}
		})
	}
}

// padded is a valid token of exactly this many bytes.
func padded(size int) string {
	for pad := size*3/4 - 200; ; pad++ {
		name := strings.Repeat("n", pad)
		if token := hs256(object{"sub": "alice", "name": name}); len(token) >= size {
			return token
		}
	}
}

func TestTimesHoldToTheSecondOnCachedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, auth.Config{Secret: secret})
		start := time.Now().Unix()
		token := hs256(object{"sub": "alice", "nbf": start + 10, "exp": start + 20})
		for _, step := range []struct {
			wait time.Duration
			want error
		}{
			{0, auth.ErrNotYetValid},
			{10*time.Second - 1, auth.ErrNotYetValid},
			{1, nil},
			{10*time.Second - 1, nil},
			{1, auth.ErrExpired},
			{time.Hour, auth.ErrExpired},
		} {
			time.Sleep(step.wait)
			if _, err := v.Verify(token); !errors.Is(err, step.want) || (err != nil && step.want == nil) {
				t.Errorf("%d s after the start: got %v, want %v", time.Now().Unix()-start, err, step.want)
			}
		}
	})
}

// The log says which character is at fault, and how to choose another claim.
func TestBadUserIDIsNamed(t *testing.T) {
	_, err := newVerifier(t, auth.Config{Secret: secret, UserClaim: "email"}).Verify(hs256(object{"email": "jo (test)"}))
	for _, want := range []string{`" "`, "--user-claim", "email"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want that it names %s", err, want)
		}
	}
}

func TestCallersDoNotShareRoles(t *testing.T) {
	v := newVerifier(t, auth.Config{Secret: secret})
	token := hs256(alice(object{"roles": "USER"}))
	first, _ := v.Verify(token)
	first.Roles[0] = "BO"
	if second, err := v.Verify(token); err != nil || second.Has("BO") {
		t.Errorf("a caller changed the roles of the next: %v, %v", second.Roles, err)
	}
}

func TestNewSaysWhatToChange(t *testing.T) {
	for _, c := range []struct {
		requirement string
		config      auth.Config
		want        string
	}{
		{"nothing configured", auth.Config{}, "set a secret or a JWKS"},
		{"a PEM key as the secret", auth.Config{Secret: publicPEM()}, "set a random secret"},
		{"a JWKS as the secret", auth.Config{Secret: allKeys()}, "set a random secret"},
		{"no such file", auth.Config{JWKS: "/no/such/jwks.json"}, "/no/such/jwks.json"},
		{"not JSON", auth.Config{JWKS: keyFile(t, "<html>")}, "not a JSON Web Key Set"},
		{"not a key set", auth.Config{JWKS: keyFile(t, `{"error": "x"}`)}, "not a JSON Web Key Set"},
		{"an empty key set", auth.Config{JWKS: keyFile(t, keySet())}, "no key for RS256, ES256 or EdDSA"},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			v, err := auth.New(t.Context(), c.config)
			if v != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	v, err := auth.New(t.Context(), auth.Config{JWKS: "http://me:hidden@127.0.0.1:1/"})
	if err != nil {
		t.Fatalf("an issuer that can't be reached yet: %v", err)
	}
	if err := v.Ready(); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("it is ready, or the error shows the password: %v", err)
	}
}
