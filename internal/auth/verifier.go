package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	// jwt decodes tokens and checks signatures. It is the most widely used and reviewed JWT library
	// for Go.
	"github.com/golang-jwt/jwt/v5"
	// lru bounds the memory of verified tokens. It is small, safe for concurrent use, and starts no
	// goroutine.
	lru "github.com/hashicorp/golang-lru/v2"

	"backchannel/internal/chat"
)

const (
	maxToken    = 16 << 10 // bytes; larger tokens are refused without reading them
	cacheTokens = 8192     // verified tokens kept; about 500 bytes each
)

// Config says which tokens to trust. At least one of Secret and JWKS is required.
type Config struct {
	// Secret verifies HS256; without it such tokens are refused. It should have at least 32
	// random bytes, so that nobody can guess it (RFC 7518, 3.2).
	Secret string
	// JWKS is the http(s) URL or the file path of a JSON Web Key Set that
	// verifies RS256, ES256 and EdDSA; without it such tokens are refused.
	JWKS string
	// RoleClaim is the path of the claim that holds the roles; "" is "roles". Dots separate
	// nested objects (realm_access.roles), but a key with dots in its name takes precedence
	// (https://crm.example/roles).
	RoleClaim string
	// UserClaim is the path of the claim that holds the user's id, as RoleClaim; "" is
	// "sub".
	UserClaim string
	// Leeway is the tolerated difference between clocks, for exp, nbf and iat.
	Leeway time.Duration
	// MaxLifetime is how far in the future exp may be; 0 is ten years.
	MaxLifetime time.Duration
	// If Issuer and Audience aren't empty, iss must equal Issuer and aud must contain Audience.
	Issuer, Audience string
	// Logger logs when the JWKS can't be read, and when it can be read again; nil for none.
	Logger *slog.Logger
}

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	secret []byte
	keys   *keySource // nil without a JWKS
	rules  rules
	parser *jwt.Parser
	cache  *lru.Cache[[sha256.Size]byte, verified]
}

// New returns a Verifier. It reads the JWKS before it returns; a URL is read again every 20 seconds
// until ctx ends. If that fails, the last good keys are kept. As long as there are none, it is read
// every two seconds; see [Verifier.Ready]. The error says which setting to change.
func New(ctx context.Context, cfg Config) (*Verifier, error) {
	if cfg.Secret == "" && cfg.JWKS == "" {
		return nil, errors.New("no token can be verified: set a secret or a JWKS")
	}
	if looksPublic(cfg.Secret) {
		return nil, errors.New("the secret is a key in PEM or JSON, which others may know: set a random secret, and give public keys as a JWKS")
	}
	v := &Verifier{secret: []byte(cfg.Secret), rules: newRules(cfg)}
	var methods []string
	if cfg.Secret != "" {
		methods = append(methods, hs256)
	}
	if cfg.JWKS != "" {
		keys, err := openKeys(ctx, cfg.JWKS, cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)))
		if err != nil {
			return nil, fmt.Errorf("reading the JWKS %s: %w", redacted(cfg.JWKS), err)
		}
		v.keys = keys
		methods = append(methods, rs256, es256, edDSA)
	}
	v.parser = jwt.NewParser(jwt.WithValidMethods(methods), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	v.cache, _ = lru.New[[sha256.Size]byte, verified](cacheTokens) // fails only for a size below 1
	return v, nil
}

// Ready returns nil if tokens can be verified with the JWKS. It returns immediately.
func (v *Verifier) Ready() error { return v.keys.ready() }

// looksPublic reports whether a secret is a public key in PEM. If it were the secret,
// everybody who knows the public key could sign HS256 tokens.
func looksPublic(secret string) bool {
	secret = strings.TrimSpace(secret)
	object := strings.HasPrefix(secret, "{") && json.Valid([]byte(secret))
	return object || strings.HasPrefix(secret, "-----BEGIN")
}

// Verify returns the caller that the token identifies now. The error is ErrMissing, ErrBad,
// ErrExpired or ErrNotYetValid with the reason, which is for the log only. A token with an unknown
// key may wait for at most ten seconds while the JWKS is read again.
func (v *Verifier) Verify(token string) (Caller, error) {
	if token == "" {
		return Caller{}, ErrMissing
	}
	if len(token) > maxToken {
		return Caller{}, fmt.Errorf("%w: %d bytes, more than %d", ErrBad, len(token), maxToken)
	}
	known, err := v.remember(token)
	if err != nil {
		return Caller{}, err
	}
	if err := v.rules.check(known, time.Now()); err != nil {
		return Caller{}, err
	}
	caller := known.caller
	caller.Roles = slices.Clone(caller.Roles) // the cache keeps the original
	return caller, nil
}

// remember verifies a token once for each key set, so that the tokens of a removed key become
// invalid.
func (v *Verifier) remember(token string) (verified, error) {
	var room [1 << 10]byte // most tokens need no copy on the heap
	id, keys := sha256.Sum256(append(room[:0], token...)), v.keys.current()
	if known, ok := v.cache.Get(id); ok && known.keys == keys {
		return known, nil
	}
	known, err := v.read(token)
	if err != nil {
		return verified{}, err
	}
	known.keys = keys
	v.cache.Add(id, known)
	return known, nil
}

// read checks the signature and the claims, except for the times.
func (v *Verifier) read(token string) (verified, error) {
	claims := jwt.MapClaims{}
	parsed, err := v.parser.ParseWithClaims(token, claims, v.keyOf)
	if err != nil {
		return verified{}, fmt.Errorf("%w: %w", ErrBad, err)
	}
	if text, err := v.parser.DecodeSegment(strings.Split(parsed.Raw, ".")[1]); err != nil || !chat.WellFormed(text) {
		return verified{}, fmt.Errorf("%w: its claims aren't well-formed Unicode", ErrBad)
	}
	return v.rules.read(claims)
}

// keyOf selects the key by the header's algorithm, so that a public key is never used as a secret.
// The parser has already refused algorithms that aren't configured.
func (v *Verifier) keyOf(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, errors.New("the header has critical extensions, and none is known here")
	}
	alg := token.Method.Alg()
	if alg == hs256 {
		return v.secret, nil
	}
	kid, ok := token.Header["kid"]
	if !ok {
		kid = ""
	}
	name, ok := kid.(string)
	if !ok {
		return nil, errors.New("the header's kid is not a string")
	}
	return v.keys.find(alg, name)
}
