package auth

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Why a token was refused; test with errors.Is. The errors of Verify add the
// details.
var (
	// ErrMissing: there is no token.
	ErrMissing = errors.New("no token")
	// ErrBad: malformed, too large, wrong signature or algorithm, no exp or one too
	// far ahead, no user id or one that no user can have, or another issuer or
	// audience than configured. It never becomes good, unless the JWKS gains its key.
	ErrBad = errors.New("bad token")
	// ErrExpired: signed well, but exp has passed.
	ErrExpired = errors.New("expired token")
	// ErrNotYetValid: signed well, but nbf or iat is still to come.
	ErrNotYetValid = errors.New("token not yet valid")
)

// Caller is who a verified token speaks for.
type Caller struct {
	ID       string    // the user claim, an id that a user can have
	Name     string    // the claim name, may be empty
	Roles    []string  // what the role claim held, as written and in its order
	IssuedAt time.Time // the claim iat, in UTC; zero if the token has none
	Expires  time.Time // when the token stops being good: exp and the leeway, in UTC
}

// Has tells whether the caller has this role, compared exactly, as a whole word.
func (c Caller) Has(role string) bool {
	return slices.Contains(c.Roles, role)
}

// BearerToken is the token of an Authorization header's value, "" where that is
// not a Bearer header. The scheme's case does not matter (RFC 9110, 11.1).
func BearerToken(authorizationHeader string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorizationHeader), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
