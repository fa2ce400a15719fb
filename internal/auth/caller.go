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
	// ErrBad: malformed, too large, wrong signature or algorithm, no exp or one too far
	// ahead, no user id or one that no user can have, or another issuer or audience than
	// configured. It never becomes valid, unless its key is added to the JWKS.
	ErrBad = errors.New("bad token")
	// ErrExpired: the signature is valid, but exp has passed.
	ErrExpired = errors.New("expired token")
	// ErrNotYetValid: the signature is valid, but nbf or iat is in the future.
	ErrNotYetValid = errors.New("token not yet valid")
)

// Caller is the user that a verified token speaks for.
type Caller struct {
	ID       string    // the user claim, an id that a user can have
	Name     string    // the claim name, may be empty
	Roles    []string  // the roles of the role claim, as written and in its order
	IssuedAt time.Time // the claim iat, in UTC; zero if the token has none
	Expires  time.Time // when the token stops being valid: exp plus the leeway, in UTC
}

// Has reports whether the caller has this role, compared exactly.
func (c Caller) Has(role string) bool {
	return slices.Contains(c.Roles, role)
}

// BearerToken is the token in the value of an Authorization header, "" if that isn't a
// Bearer header. The scheme's case doesn't matter (RFC 9110, 11.1).
func BearerToken(authorizationHeader string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorizationHeader), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
