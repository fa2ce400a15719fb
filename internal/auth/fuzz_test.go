package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

// FuzzVerify looks for a panic, and for a caller without a valid signature. The claims are
// fuzzed twice: in the whole token, and with a valid signature.
func FuzzVerify(f *testing.F) {
	k := keys()
	v := newVerifier(f, auth.Config{Secret: secret, JWKS: keyFile(f, allKeys())})
	claims := `{"sub":"alice","name":"A","roles":["BO"],"exp":4102444800,"nbf":1.5}`
	for _, token := range []string{
		"", "..", "a.b.c", hs256(alice(nil)), hs256(object{"sub": "x"}),
		sign(jwt.SigningMethodRS256, k.rsa, object{"kid": "r"}, alice(nil)),
		sign(jwt.SigningMethodES256, k.ec, nil, alice(nil)),
		sign(jwt.SigningMethodEdDSA, k.ed, object{"kid": "d"}, alice(nil)),
		forge(`{"alg":"none"}`, nothing),
		forge(`{"alg":"HS256","kid":"r"}`, hmacWith(publicPEM())),
		forge(`{"alg":"HS256","crit":[]}`, hmacWith(secret)),
	} {
		f.Add(token, claims)
	}
	f.Add("", `{"sub":"a","exp":-1e400}`)
	f.Add("", `null`)
	b64 := base64.RawURLEncoding.EncodeToString
	f.Fuzz(func(t *testing.T, token, claims string) {
		v.Forget() // the same input gives the same result each time
		text := b64([]byte(`{"alg":"HS256"}`)) + "." + b64([]byte(claims))
		for _, token := range []string{token, text + "." + b64(hmacWith(secret)(text))} {
			caller, err := v.Verify(token)
			if err == nil && (caller.ID == "" || !signedWell(token)) {
				t.Errorf("%q gives the caller %+v", token, caller)
			}
			if err != nil && (caller.ID != "" || !hasReason(err)) {
				t.Errorf("%q gives %+v with %v", token, caller, err)
			}
		}
	})
}

func hasReason(err error) bool {
	return errors.Is(err, auth.ErrMissing) || errors.Is(err, auth.ErrBad) ||
		errors.Is(err, auth.ErrExpired) || errors.Is(err, auth.ErrNotYetValid)
}

// signedWell checks a signature with the standard library alone.
func signedWell(token string) bool {
	k := keys()
	end := strings.LastIndexByte(token, '.')
	head, _, _ := strings.Cut(token, ".")
	signature, _ := base64.RawURLEncoding.DecodeString(token[end+1:])
	var header map[string]any
	raw, _ := base64.RawURLEncoding.DecodeString(head)
	if json.Unmarshal(raw, &header) != nil {
		return false
	}
	digest := sha256.Sum256([]byte(token[:end]))
	switch header["alg"] {
	case "HS256":
		return hmac.Equal(signature, hmacWith(secret)(token[:end]))
	case "RS256":
		return rsa.VerifyPKCS1v15(&k.rsa.PublicKey, crypto.SHA256, digest[:], signature) == nil
	case "ES256":
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		return ecdsa.Verify(&k.ec.PublicKey, digest[:], r, s)
	case "EdDSA":
		return ed25519.Verify(k.ed.Public().(ed25519.PublicKey), []byte(token[:end]), signature)
	}
	return false
}

// FuzzRoleClaim looks for a panic, and for a role that is not written out in the claims.
func FuzzRoleClaim(f *testing.F) {
	f.Add("roles", `{"roles": ["BO", 1, null, "TEAM LEAD"]}`)
	f.Add("a.b.c", `{"a.b": {"c": "A B"}, "a": {"b.c": ["X"]}}`)
	f.Add("..", `{"": {"": {"": " BO "}}}`)
	f.Add("a.a.a", `{"a": {"a": {"a": {"a": 1}}}, "a.a": {"a": []}}`)
	f.Fuzz(func(t *testing.T, path, text string) {
		var claims map[string]any
		if json.Unmarshal([]byte(text), &claims) != nil {
			return
		}
		roles := auth.RolesAt(claims, path)
		written := stringsIn(claims)
		for _, role := range roles {
			asWord := slices.ContainsFunc(written, func(s string) bool { return slices.Contains(strings.Split(s, " "), role) })
			if role == "" || !(asWord || slices.Contains(written, role)) {
				t.Errorf("%q at %q gives %q", text, path, role)
			}
		}
		if literal, ok := claims[path].(string); ok && strings.Join(strings.Fields(literal), "") != strings.Join(strings.Fields(strings.Join(roles, "")), "") {
			t.Errorf("%q at %q gives %q, not what stands under the literal key", text, path, roles)
		}
	})
}

// stringsIn collects all strings among the values.
func stringsIn(value any) []string {
	var found []string
	switch value := value.(type) {
	case string:
		found = append(found, value)
	case []any:
		for _, element := range value {
			found = append(found, stringsIn(element)...)
		}
	case map[string]any:
		for _, element := range value {
			found = append(found, stringsIn(element)...)
		}
	}
	return found
}
