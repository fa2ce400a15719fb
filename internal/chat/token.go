package chat

import (
	"errors"
	"time"
)

var (
	errRevoked = errors.New("the token was revoked")
	errDeleted = errors.New("the token was made before its user was deleted")
)

// RevokeTokens asks for the tokens of a user that were made before now to become invalid.
type RevokeTokens struct {
	Operation Operation
	UserID    string
}

// TokenLimits are the times before which the tokens of a user are bad, zero for none.
type TokenLimits struct {
	Revoked time.Time // for every operation
	Deleted time.Time // for chat users: the user was deleted permanently then
}

// Check says why a token that was made at a time is bad, or nil. A token that doesn't say
// when it was made, which is zero, counts as made before any time.
func (l TokenLimits) Check(issued time.Time, backOffice bool) error {
	switch {
	case !l.Revoked.IsZero() && issued.Before(l.Revoked):
		return Denied(errRevoked)
	case !l.Deleted.IsZero() && issued.Before(l.Deleted) && !backOffice:
		return Denied(errDeleted)
	}
	return nil
}
