package auth_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

func TestMintedTokensVerify(t *testing.T) {
	for _, path := range []string{"", "roles", "realm_access.roles", "a.b.c", "https://crm.example/roles"} {
		v := newVerifier(t, auth.Config{Secret: secret, RoleClaim: path, Issuer: "desk", Audience: "chat"})
		now := time.Now().Truncate(time.Second)
		token, err := auth.Mint(secret, auth.Grant{
			Subject: "alice", Name: "Alice", Roles: []string{"BO", "TEAM LEAD"}, RoleClaim: path,
			Issuer: "desk", Audience: "chat", TTL: time.Hour, Now: now,
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.Verify(token)
		if err != nil || got.ID != "alice" || got.Name != "Alice" || !slices.Equal(got.Roles, []string{"BO", "TEAM LEAD"}) || !got.Expires.Equal(now.Add(time.Hour)) {
			t.Errorf("%q: got %+v, %v", path, got, err)
		}
	}
}

func TestMintedClaims(t *testing.T) {
	for _, c := range []struct {
		requirement string
		grant       auth.Grant
		want        string
	}{
		{"only what is given", auth.Grant{Subject: "a"}, `{"exp":1060,"iat":1000,"sub":"a"}`},
		{"one role is a list too", auth.Grant{Subject: "a", Name: "A", Roles: []string{"BO"}}, `{"exp":1060,"iat":1000,"name":"A","roles":["BO"],"sub":"a"}`},
		{"dots make objects", auth.Grant{Subject: "a", Roles: []string{"BO"}, RoleClaim: "x.y"}, `{"exp":1060,"iat":1000,"sub":"a","x":{"y":["BO"]}}`},
		{"a URL is one key", auth.Grant{Subject: "a", Roles: []string{"BO"}, RoleClaim: "https://x.y/z"}, `{"exp":1060,"https://x.y/z":["BO"],"iat":1000,"sub":"a"}`},
	} {
		c.grant.Now, c.grant.TTL = time.Unix(1000, 0), time.Minute
		token := must(auth.Mint(secret, c.grant))
		claims := must(jwt.NewParser().DecodeSegment(strings.Split(token, ".")[1]))
		if string(claims) != c.want {
			t.Errorf("%s: got %s, want %s", c.requirement, claims, c.want)
		}
	}
}

func TestMintRefuses(t *testing.T) {
	good := auth.Grant{Subject: "alice", Roles: []string{"BO"}, TTL: time.Hour}
	for _, c := range []struct {
		requirement string
		secret      string
		change      func(*auth.Grant)
		want        string
	}{
		{"no secret", "", func(*auth.Grant) {}, "no secret"},
		{"no subject", secret, func(g *auth.Grant) { g.Subject = "" }, "no subject"},
		{"no TTL", secret, func(g *auth.Grant) { g.TTL = 0 }, "TTL"},
		{"a negative TTL", secret, func(g *auth.Grant) { g.TTL = -time.Hour }, "TTL"},
		{"roles in a claim of another meaning", secret, func(g *auth.Grant) { g.RoleClaim = "sub.roles" }, `"sub"`},
		{"more than a verifier reads", secret, func(g *auth.Grant) { g.Name = strings.Repeat("n", 16<<10) }, "16384"},
	} {
		grant := good
		c.change(&grant)
		if token, err := auth.Mint(c.secret, grant); token != "" || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, %v", c.requirement, token, err)
		}
	}
}
