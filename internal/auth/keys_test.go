package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/auth"
)

const secret = "a secret of the tests, thirty-two bytes or more"

type object = map[string]any

// keys are one real key pair for each algorithm, made once: RSA keys are slow to
// make. The others are the same in each process, for the fuzzer's workers.
var keys = sync.OnceValue(func() (k struct {
	rsa, small *rsa.PrivateKey
	ec, p384   *ecdsa.PrivateKey
	ed         ed25519.PrivateKey
}) {
	k.rsa = must(rsa.GenerateKey(rand.Reader, 2048))
	k.small = must(rsa.GenerateKey(rand.Reader, 1024))
	k.ec = must(ecdsa.ParseRawPrivateKey(elliptic.P256(), []byte(secret)[:32]))
	k.p384 = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	k.ed = ed25519.NewKeyFromSeed([]byte(secret)[:ed25519.SeedSize])
	return k
})

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// jwk writes a public key as a JSON Web Key, with extra members.
func jwk(kid string, public crypto.PublicKey, extra object) object {
	b64 := base64.RawURLEncoding.EncodeToString
	key := object{"kid": kid}
	switch public := public.(type) {
	case *rsa.PublicKey:
		key["kty"], key["n"], key["e"] = "RSA", b64(public.N.Bytes()), b64(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point := must(public.Bytes())[1:]
		key["kty"], key["crv"] = "EC", public.Params().Name
		key["x"], key["y"] = b64(point[:len(point)/2]), b64(point[len(point)/2:])
	case ed25519.PublicKey:
		key["kty"], key["crv"], key["x"] = "OKP", "Ed25519", b64(public)
	}
	for name, value := range extra {
		key[name] = value
	}
	return key
}

func keySet(keys ...object) string {
	if keys == nil {
		keys = []object{}
	}
	return string(must(json.Marshal(object{"keys": keys})))
}

// allKeys has a key for each algorithm: r, e and d.
func allKeys() string {
	k := keys()
	return keySet(jwk("r", k.rsa.Public(), nil), jwk("e", k.ec.Public(), nil), jwk("d", k.ed.Public(), nil))
}

func keyFile(t testing.TB, content string) string {
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// keyServer is a real HTTP server of a JWKS that can change.
type keyServer struct {
	URL     string
	Content atomic.Value // string; "" answers 503
	Fetches atomic.Int32
}

func newKeyServer(t testing.TB, content string) *keyServer {
	s := &keyServer{}
	s.Content.Store(content)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.Fetches.Add(1)
		content := s.Content.Load().(string)
		if content == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(content))
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/jwks"
	return s
}

// sign makes a token of any header and claims with a real signature. Unless the claims say
// otherwise, it is valid for an hour.
func sign(method jwt.SigningMethod, key any, header, claims object) string {
	if _, ok := claims["exp"]; !ok {
		dated := object{"exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(dated, claims)
		claims = dated
	}
	return signAsIs(method, key, header, claims)
}

func signAsIs(method jwt.SigningMethod, key any, header, claims object) string {
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	for name, value := range header {
		token.Header[name] = value
	}
	return must(token.SignedString(key))
}

func hs256(claims object) string {
	return sign(jwt.SigningMethodHS256, []byte(secret), nil, claims)
}

// alice's claims, with changes; a nil removes one.
func alice(changes object) object {
	claims := object{"sub": "alice", "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func newVerifier(t testing.TB, cfg auth.Config) *auth.Verifier {
	t.Helper()
	v, err := auth.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
