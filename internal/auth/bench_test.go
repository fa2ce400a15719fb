package auth_test

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

// BenchmarkVerify shows what the cache of verified tokens saves: first is a new token,
// again is a token that was verified before.
func BenchmarkVerify(b *testing.B) {
	k := keys()
	v := newVerifier(b, auth.Config{Secret: secret, JWKS: keyFile(b, allKeys())})
	claims := alice(object{"name": "Alice Example", "roles": []string{"BO", "USER"}})
	for _, c := range []struct {
		method jwt.SigningMethod
		key    any
		kid    string
	}{
		{jwt.SigningMethodHS256, []byte(secret), ""},
		{jwt.SigningMethodRS256, k.rsa, "r"},
		{jwt.SigningMethodES256, k.ec, "e"},
		{jwt.SigningMethodEdDSA, k.ed, "d"},
	} {
		token := sign(c.method, c.key, object{"kid": c.kid}, claims)
		verify := func(b *testing.B) {
			if _, err := v.Verify(token); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(c.method.Alg()+"/first", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.Forget()
				verify(b)
			}
		})
		b.Run(c.method.Alg()+"/again", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				verify(b)
			}
		})
	}
}
