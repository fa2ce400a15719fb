package auth

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Reasons for refusing a token, for errors.Is. The errors of Verify add details.
var (
	// ErrMissing: there is no token.
	ErrMissing = errors.New("no token")
	// ErrBad: the token is malformed or too large, has a wrong signature or algorithm, no exp or
	// one too far ahead, no user id or an invalid one, or an issuer or audience other than the
	// configured. It never becomes valid, unless its key is added to the JWKS.
	ErrBad = errors.New("bad token")
	// ErrExpired: the signature is valid, but exp has passed.
	ErrExpired = errors.New("expired token")
	// ErrNotYetValid: the signature is valid, but nbf or iat is in the future.
	ErrNotYetValid = errors.New("token not yet valid")
)

// Caller is the user that a verified token identifies.
type Caller struct {
	ID       string    // the user claim, a valid user id
	Name     string    // the claim name, may be empty
	Roles    []string  // the roles of the role claim, unchanged and in order
	IssuedAt time.Time // the claim iat, in UTC; zero if the token has none
	Expires  time.Time // exp plus the leeway, in UTC
}

// Has reports whether the caller has this role, compared exactly.
func (c Caller) Has(role string) bool {
	return slices.Contains(c.Roles, role)
}

// BearerToken returns the token in the value of an Authorization header, "" if it isn't a Bearer
// header. The scheme's case doesn't matter (RFC 9110, 11.1).
func BearerToken(authorizationHeader string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorizationHeader), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
