package desk

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// Limits of a customer's token.
const (
	minTokenSeconds     = 60
	maxTokenSeconds     = 30 * 24 * 60 * 60
	defaultTokenSeconds = 24 * 60 * 60
)

// CreateUserToken asks for a token for a customer's app.
type CreateUserToken struct {
	Request
	UserID  string
	Seconds *int // nil means a day
}

// CreateUserToken returns a token for a chat user, without the back-office role, and its expiry,
// which is no later than this server accepts.
func (d *Desk) CreateUserToken(ctx context.Context, in CreateUserToken) (token string, expires time.Time, err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return "", expires, err
	}
	if bad := chat.CheckUserID(in.UserID); bad != nil {
		return "", expires, inField("userId", bad)
	}
	seconds := defaultTokenSeconds
	if in.Seconds != nil {
		seconds = *in.Seconds
	}
	if seconds < minTokenSeconds || seconds > maxTokenSeconds {
		return "", expires, chat.Invalid("seconds", "A token is valid for %d to %d seconds.", minTokenSeconds, maxTokenSeconds)
	}
	if d.mint == nil {
		return "", expires, chat.Lacking("This server can't sign tokens, since it only checks them by an issuer's keys. Get tokens from that issuer.")
	}
	s, err := d.provider.UserStanding(ctx, in.UserID)
	if err != nil {
		return "", expires, err
	}
	if s.Gone {
		return "", expires, chat.Invalid("userId", "This user is deactivated or deleted: reactivate the user, or create it again, first.")
	}
	op, err := d.operation(in.Request, "createUserToken", nil)
	if err != nil {
		return "", expires, err
	}
	op.Key = "" // each repeat gets a token of its own
	if err := d.provider.RecordChange(ctx, op, chat.ChangeDone, chat.ChangeTarget{Kind: chat.UserTarget, UserID: in.UserID}); err != nil {
		return "", expires, err
	}
	ttl := min(time.Duration(seconds)*time.Second, d.maxTokenLife)
	expires = time.Now().Add(ttl).UTC().Truncate(time.Second)
	token, err = d.mint(in.UserID, ttl)
	return token, expires, err
}

// RevokeTokens asks for a user's tokens to be revoked.
type RevokeTokens struct {
	Request `json:"-"`
	UserID  string
}

// RevokeTokens revokes all tokens of a user that were issued before now, in all APIs. It creates
// the chat user if there is none.
func (d *Desk) RevokeTokens(ctx context.Context, in RevokeTokens) error {
	if err := d.authorise(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "revokeUserTokens", in)
	if err != nil {
		return err
	}
	if bad := chat.CheckUserID(in.UserID); bad != nil {
		return inField("userId", bad)
	}
	return d.provider.RevokeTokens(ctx, chat.RevokeTokens{Operation: op, UserID: in.UserID})
}

// Authorise returns nil if the caller may use the back office.
func (d *Desk) Authorise(ctx context.Context, r Request) error { return d.authorise(ctx, r) }

// Authenticate returns nil if the caller's token is valid.
func (d *Desk) Authenticate(ctx context.Context, r Request) error { return d.authenticate(ctx, r) }

// Recognise is like Authenticate, with cached data, for frequent calls: it notices a revocation by
// another process within a second.
func (d *Desk) Recognise(ctx context.Context, r Request) error { return d.recognise(ctx, r) }
