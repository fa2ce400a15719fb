package chat

import (
	"errors"
	"time"
)

var errRevoked = errors.New("the token was revoked")

// RevokeTokens asks for the tokens of a user that were made before now to become invalid.
type RevokeTokens struct {
	Operation Operation
	UserID    string
}

// CheckIssued says that a token is revoked if it was made before a time, or nil. A token
// that doesn't say when it was made counts as made before any time, except zero, which
// revokes nothing.
func CheckIssued(issued, before time.Time) error {
	if !before.IsZero() && issued.Before(before) {
		return Denied(errRevoked)
	}
	return nil
}
