package chat

import (
	"errors"
	"time"
)

var (
	errRevoked = errors.New("the token was revoked")
	errDeleted = errors.New("the token was made before its user was deleted")
)

// RevokeTokens asks for a user's tokens that were issued before now to be revoked.
type RevokeTokens struct {
	Operation Operation
	UserID    string
}

// TokenLimits are the times before which a user's tokens are revoked, zero for none.
type TokenLimits struct {
	Revoked time.Time // for every operation
	Deleted time.Time // for chat users: when the user was deleted permanently
}

// Check returns an error if a token issued at a time is revoked. A token without an issue time
// (zero) counts as issued before any time.
func (l TokenLimits) Check(issued time.Time, backOffice bool) error {
	switch {
	case !l.Revoked.IsZero() && issued.Before(l.Revoked):
		return Denied(errRevoked)
	case !l.Deleted.IsZero() && issued.Before(l.Deleted) && !backOffice:
		return Denied(errDeleted)
	}
	return nil
}
