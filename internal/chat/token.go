package chat

import (
	"errors"
	"time"
)

var errRevoked = errors.New("the token was revoked")

// RevokeTokens asks for a user's tokens that were made before now to be bad ones.
type RevokeTokens struct {
	Operation Operation
	UserID    string
}

// CheckIssued says that a token is revoked if it was made before a moment, or nil. A
// token that doesn't say when it was made was made before any moment but zero, which
// revokes nothing.
func CheckIssued(issued, before time.Time) error {
	if !before.IsZero() && issued.Before(before) {
		return Denied(errRevoked)
	}
	return nil
}
