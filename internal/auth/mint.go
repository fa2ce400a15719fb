package auth

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Grant is the content of a token to issue.
type Grant struct {
	Subject string   // sub, required: the user id
	Name    string   // name, left out if empty
	Roles   []string // left out if empty
	// UserClaim is a claim for the user id in addition to sub; "" for none.
	UserClaim string
	// RoleClaim is the claim for the roles; "" is "roles". Dots make nested objects, except
	// in a URL (https://crm.example/roles), which is one key.
	RoleClaim string
	// Issuer and Audience are iss and aud, left out if empty.
	Issuer, Audience string
	TTL              time.Duration // from Now to exp, at least a second; fractions of seconds are dropped
	Now              time.Time     // iat; zero for the current time
}

// Mint returns an HS256 token that a Verifier with this secret, role claim, issuer and audience
// accepts. It fails if the grant or the secret is incomplete.
func Mint(secret string, g Grant) (string, error) {
	switch {
	case secret == "":
		return "", errors.New("minting a token: no secret")
	case g.Subject == "":
		return "", errors.New("minting a token: no subject")
	case g.TTL < time.Second:
		return "", fmt.Errorf("minting a token: a TTL of %s is less than a second", g.TTL)
	}
	claims, err := g.claims()
	if err != nil {
		return "", fmt.Errorf("minting a token: %w", err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	if len(token) > maxToken {
		return "", fmt.Errorf("minting a token: %d bytes, more than %d", len(token), maxToken)
	}
	return token, nil
}

func (g Grant) claims() (jwt.MapClaims, error) {
	now := g.Now
	if now.IsZero() {
		now = time.Now()
	}
	// Fractions of seconds in iat distinguish a token made just after a revocation from one
	// made just before.
	iat := float64(now.UnixMicro()) / 1e6
	claims := jwt.MapClaims{"sub": g.Subject, "iat": iat, "exp": now.Add(g.TTL).Unix()}
	for claim, value := range map[string]string{"name": g.Name, "iss": g.Issuer, "aud": g.Audience} {
		if value != "" {
			claims[claim] = value
		}
	}
	if g.UserClaim != "" && g.UserClaim != defaultUserClaim {
		if err := put(claims, g.UserClaim, g.Subject); err != nil {
			return nil, err
		}
	}
	if len(g.Roles) == 0 {
		return claims, nil
	}
	return claims, put(claims, cmp.Or(g.RoleClaim, defaultRoleClaim), g.Roles)
}

// put writes a value at the path where claimAt finds it.
func put(claims map[string]any, path string, value any) error {
	keys := strings.Split(path, ".")
	if strings.Contains(path, "://") {
		keys = []string{path}
	}
	if slices.Contains([]string{"sub", "name", "iat", "exp", "nbf", "iss", "aud"}, keys[0]) {
		return fmt.Errorf("the claim %q has a meaning of its own and can't hold another", keys[0])
	}
	last := len(keys) - 1
	for _, key := range keys[:last] {
		nested, ok := claims[key].(map[string]any)
		if !ok {
			nested = map[string]any{}
			claims[key] = nested
		}
		claims = nested
	}
	claims[keys[last]] = value
	return nil
}
