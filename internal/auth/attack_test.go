package auth_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

// publicPEM is the RSA public key, which an attacker knows.
func publicPEM() string {
	der := must(x509.MarshalPKIXPublicKey(keys().rsa.Public()))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// forge writes a token with any header text and a signature of the attacker's making.
func forge(header string, sign func(text string) []byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	claims := must(json.Marshal(alice(object{"roles": "BO"})))
	text := b64([]byte(header)) + "." + b64(claims)
	return text + "." + b64(sign(text))
}

func hmacWith(key string) func(string) []byte {
	return func(text string) []byte {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
}

func nothing(string) []byte { return nil }

func TestAttacksNeverPass(t *testing.T) {
	k := keys()
	jwks := allKeys()
	good := hs256(alice(nil))
	parts := strings.Split(good, ".")
	ownKey := must(json.Marshal(jwk("mine", k.small.Public(), nil)))
	attacks := map[string]string{
		"alg none":                            forge(`{"alg":"none"}`, nothing),
		"alg None":                            forge(`{"alg":"None"}`, nothing),
		"alg NONE":                            forge(`{"alg":"NONE"}`, nothing),
		"alg none, with the secret":           forge(`{"alg":"none"}`, hmacWith(secret)),
		"no alg":                              forge(`{"typ":"JWT"}`, hmacWith(secret)),
		"an empty alg":                        forge(`{"alg":""}`, hmacWith(secret)),
		"alg as a list":                       forge(`{"alg":["HS256"]}`, hmacWith(secret)),
		"alg in small letters":                forge(`{"alg":"hs256"}`, hmacWith(secret)),
		"a header that is no object":          forge(`"HS256"`, hmacWith(secret)),
		"a header that is null":               forge(`null`, hmacWith(secret)),
		"HS256 without a signature":           forge(`{"alg":"HS256"}`, nothing),
		"HS256 with an empty key":             forge(`{"alg":"HS256"}`, hmacWith("")),
		"HS256 with another secret":           forge(`{"alg":"HS256"}`, hmacWith(secret+"!")),
		"HS256 with the PEM public key":       forge(`{"alg":"HS256","kid":"r"}`, hmacWith(publicPEM())),
		"HS256 with the bare PEM":             forge(`{"alg":"HS256","kid":"r"}`, hmacWith(strings.TrimSpace(publicPEM()))),
		"HS256 with the DER public key":       forge(`{"alg":"HS256","kid":"r"}`, hmacWith(string(must(x509.MarshalPKIXPublicKey(k.rsa.Public()))))),
		"HS256 with the modulus":              forge(`{"alg":"HS256","kid":"r"}`, hmacWith(string(k.rsa.N.Bytes()))),
		"HS256 with the Ed25519 key":          forge(`{"alg":"HS256","kid":"d"}`, hmacWith(string(k.ed[32:]))),
		"HS256 with the JWKS":                 forge(`{"alg":"HS256","kid":"r"}`, hmacWith(jwks)),
		"HS256 with one JWK":                  forge(`{"alg":"HS256","kid":"r"}`, hmacWith(string(must(json.Marshal(jwk("r", k.rsa.Public(), nil)))))),
		"HS384 with the secret":               sign(jwt.SigningMethodHS384, []byte(secret), nil, alice(nil)),
		"HS512 with the secret":               sign(jwt.SigningMethodHS512, []byte(secret), nil, alice(nil)),
		"RS256 signed with the secret":        forge(`{"alg":"RS256","kid":"r"}`, hmacWith(secret)),
		"RS384 with the right key":            sign(jwt.SigningMethodRS384, k.rsa, object{"kid": "r"}, alice(nil)),
		"RS512 with the right key":            sign(jwt.SigningMethodRS512, k.rsa, object{"kid": "r"}, alice(nil)),
		"PS256 with the right key":            sign(jwt.SigningMethodPS256, k.rsa, object{"kid": "r"}, alice(nil)),
		"RS256 with another key":              sign(jwt.SigningMethodRS256, k.small, object{"kid": "r"}, alice(nil)),
		"RS256 naming the EC key":             sign(jwt.SigningMethodRS256, k.rsa, object{"kid": "e"}, alice(nil)),
		"RS256 with a kid as a number":        sign(jwt.SigningMethodRS256, k.rsa, object{"kid": 1}, alice(nil)),
		"RS256 with a kid as a path":          sign(jwt.SigningMethodRS256, k.rsa, object{"kid": "../r"}, alice(nil)),
		"RS256 bringing its own jwk":          sign(jwt.SigningMethodRS256, k.small, object{"kid": "mine", "jwk": json.RawMessage(ownKey)}, alice(nil)),
		"RS256 bringing its own jku":          sign(jwt.SigningMethodRS256, k.small, object{"kid": "mine", "jku": newKeyServer(t, keySet(jwk("mine", k.small.Public(), nil))).URL}, alice(nil)),
		"ES384 with a P-384 key":              sign(jwt.SigningMethodES384, k.p384, object{"kid": "e"}, alice(nil)),
		"ES256 of zeros":                      forge(`{"alg":"ES256","kid":"e"}`, func(string) []byte { return make([]byte, 64) }),
		"ES256 in DER":                        forge(`{"alg":"ES256","kid":"e"}`, derSignature),
		"EdDSA of zeros":                      forge(`{"alg":"EdDSA","kid":"d"}`, func(string) []byte { return make([]byte, 64) }),
		"crit with the secret":                sign(jwt.SigningMethodHS256, []byte(secret), object{"crit": []string{"exp"}}, alice(nil)),
		"crit null with the secret":           sign(jwt.SigningMethodHS256, []byte(secret), object{"crit": nil}, alice(nil)),
		"crit with the right key":             sign(jwt.SigningMethodEdDSA, k.ed, object{"kid": "d", "crit": []string{"b64"}, "b64": false}, alice(nil)),
		"other claims, old signature":         parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"root"}`)) + "." + parts[2],
		"other header, old signature":         base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256" }`)) + "." + parts[1] + "." + parts[2],
		"a signature cut short":               good[:len(good)-2],
		"a signature with its spare bits set": good[:len(good)-1] + spareBits(good[len(good)-1]),
		"no signature and no dot":             parts[0] + "." + parts[1],
		"an encrypted token's five parts":     good + "..",
		"the claims null":                     sign(jwt.SigningMethodHS256, []byte(secret), nil, nil),
	}
	for name, config := range map[string]auth.Config{
		"secret only":     {Secret: secret},
		"JWKS only":       {JWKS: keyFile(t, jwks)},
		"secret and JWKS": {Secret: secret, JWKS: keyFile(t, jwks)},
		"JWKS by URL":     {JWKS: newKeyServer(t, jwks).URL},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVerifier(t, config)
			for attack, token := range attacks {
				if caller, err := v.Verify(token); !errors.Is(err, auth.ErrBad) {
					t.Errorf("%s: got %+v, %v", attack, caller, err)
				}
			}
		})
	}
}

// spareBits changes the bits of the last base64 digit that belong to no byte.
func spareBits(digit byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(digits[strings.IndexByte(digits, digit)|1])
}

func derSignature(text string) []byte {
	digest := sha256.Sum256([]byte(text))
	return must(keys().ec.Sign(rand.Reader, digest[:], crypto.SHA256))
}

func TestKeysThatMustNotVerify(t *testing.T) {
	k := keys()
	rs256 := sign(jwt.SigningMethodRS256, k.rsa, object{"kid": "x"}, alice(nil))
	oct := object{"kty": "oct", "kid": "x", "k": base64.RawURLEncoding.EncodeToString([]byte(secret))}
	for _, c := range []struct {
		requirement string
		key         object
		token       string
		passes      bool
	}{
		{"a key for signatures", jwk("x", k.rsa.Public(), object{"use": "sig", "alg": "RS256"}), rs256, true},
		{"a key to verify with", jwk("x", k.rsa.Public(), object{"key_ops": []string{"verify"}}), rs256, true},
		{"an Ed25519 key by its newer name", jwk("x", k.ed.Public(), object{"alg": "Ed25519"}), sign(jwt.SigningMethodEdDSA, k.ed, object{"kid": "x"}, alice(nil)), true},
		{"a key for encryption", jwk("x", k.rsa.Public(), object{"use": "enc"}), rs256, false},
		{"a key to encrypt with", jwk("x", k.rsa.Public(), object{"key_ops": []string{"encrypt"}}), rs256, false},
		{"a key for RS512", jwk("x", k.rsa.Public(), object{"alg": "RS512"}), rs256, false},
		{"a key for HS256", jwk("x", k.rsa.Public(), object{"alg": "HS256"}), rs256, false},
		{"an RSA key of 1024 bits", jwk("x", k.small.Public(), nil), sign(jwt.SigningMethodRS256, k.small, object{"kid": "x"}, alice(nil)), false},
		{"a P-384 key", jwk("x", k.p384.Public(), nil), sign(jwt.SigningMethodES384, k.p384, object{"kid": "x"}, alice(nil)), false},
		{"a symmetric key", oct, sign(jwt.SigningMethodHS256, []byte(secret), object{"kid": "x"}, alice(nil)), false},
		{"a kind that is not known", object{"kty": "new", "kid": "x"}, rs256, false},
		{"a broken key", object{"kty": "RSA", "kid": "x", "n": 5}, rs256, false},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			other := jwk("other", k.ec.Public(), nil) // the rest of the set is used
			v := newVerifier(t, auth.Config{JWKS: keyFile(t, keySet(c.key, other))})
			if _, err := v.Verify(c.token); (err == nil) != c.passes {
				t.Errorf("got %v", err)
			}
			if _, err := v.Verify(sign(jwt.SigningMethodES256, k.ec, object{"kid": "other"}, object{"sub": "a", "exp": time.Now().Unix() + 60})); err != nil {
				t.Errorf("the key beside it: %v", err)
			}
		})
	}
}

// A name that isn't well-formed would be stored as a different name.
func TestClaimsMustBeWellFormed(t *testing.T) {
	v := must(auth.New(t.Context(), auth.Config{Secret: secret}))
	for name, good := range map[string]bool{`Anna`: true, `\ud83d\ude00`: true, `\ud83d`: false, "\xff": false} {
		claims := must(json.Marshal(alice(object{"name": "NAME"})))
		b64 := base64.RawURLEncoding.EncodeToString
		text := b64([]byte(`{"alg":"HS256"}`)) + "." + b64([]byte(strings.Replace(string(claims), "NAME", name, 1)))
		_, err := v.Verify(text + "." + b64(hmacWith(secret)(text)))
		if (err == nil) != good {
			t.Errorf("the name %q: %v", name, err)
		}
	}
}
