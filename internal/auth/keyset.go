package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	// jwkset decodes single JSON Web Keys and checks their numbers. keyfunc, which is built on it,
	// refuses the whole set if one key is broken, which would lock out most callers during a
	// rotation.
	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// The accepted algorithms, as written in the alg header.
const (
	hs256 = "HS256"
	rs256 = "RS256"
	es256 = "ES256"
	edDSA = "EdDSA"
)

const minRSABits = 2048 // RFC 7518, 3.3

// keySet has the usable public keys of one reading of a JWKS. It is never modified.
type keySet struct {
	keys []publicKey
}

// publicKey is a key and the one algorithm that it may verify.
type publicKey struct {
	id, alg string
	key     jwt.VerificationKey
}

// parseKeySet parses a JSON Web Key Set. As RFC 7517, 5 requires, it ignores keys that are unknown
// or for other algorithms.
func parseKeySet(raw []byte) (*keySet, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("it is not a JSON Web Key Set: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New(`it is not a JSON Web Key Set: no list "keys"`)
	}
	parsed := &keySet{}
	for _, raw := range set.Keys {
		if key, ok := parseKey(raw); ok {
			parsed.keys = append(parsed.keys, key)
		}
	}
	return parsed, nil
}

func parseKey(raw json.RawMessage) (publicKey, bool) {
	jwk, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return publicKey{}, false
	}
	params := jwk.Marshal()
	alg := algorithmOf(jwk.Key())
	usable := alg != "" && declares(params.ALG, alg) &&
		(params.USE == "" || params.USE == jwkset.UseSig) &&
		(len(params.KEYOPS) == 0 || slices.Contains(params.KEYOPS, jwkset.KeyOpsVerify))
	return publicKey{id: params.KID, alg: alg, key: jwk.Key()}, usable
}

// algorithmOf returns the algorithm that a key is used with, "" for none.
func algorithmOf(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() >= minRSABits {
			return rs256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return es256
		}
	case ed25519.PublicKey:
		return edDSA
	}
	return ""
}

// declares reports whether a key's alg parameter allows an algorithm. Ed25519 is the newer name of
// EdDSA on that curve (RFC 9864).
func declares(declared jwkset.ALG, alg string) bool {
	return declared == "" || string(declared) == alg || (declared == "Ed25519" && alg == edDSA)
}

// find returns the keys for an algorithm: those with the key id, or all if the token has no key id.
func (s *keySet) find(alg, kid string) []jwt.VerificationKey {
	var found []jwt.VerificationKey
	for _, key := range s.keys {
		if key.alg == alg && (kid == "" || key.id == kid) {
			found = append(found, key.key)
		}
	}
	return found
}
