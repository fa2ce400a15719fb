package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"backchannel/internal/chat"
)

var (
	errNoCaller = errors.New("no caller")
	errNoRole   = errors.New("the caller does not hold the back-office role")
)

// authorise refuses callers without the back-office role.
func (d *Desk) authorise(ctx context.Context, r Request) error {
	if err := d.authenticate(ctx, r); err != nil {
		return err
	}
	return d.needRole(r)
}

func (d *Desk) needRole(r Request) error {
	if !d.IsBackOffice(r) {
		return chat.Denied(errNoRole)
	}
	return nil
}

// authenticate refuses callers whose token isn't valid now.
func (d *Desk) authenticate(ctx context.Context, r Request) error {
	return d.checkToken(ctx, r, d.provider.TokenLimits)
}

// recognise is like authenticate, with cached data. It is for operations for which the provider
// checks the token again, see [chat.Operation.Issued]: messages are sent too often for another
// query.
func (d *Desk) recognise(ctx context.Context, r Request) error {
	return d.checkToken(ctx, r, d.provider.KeptTokenLimits)
}

// checkToken is the only place that checks whether a token was revoked.
func (d *Desk) checkToken(ctx context.Context, r Request, limits func(context.Context, string) (chat.TokenLimits, error)) error {
	if r.Denied != nil {
		return chat.Denied(r.Denied)
	}
	if r.Caller.ID == "" {
		return chat.Denied(errNoCaller)
	}
	l, err := limits(ctx, r.Caller.ID)
	if err != nil {
		return err
	}
	return l.Check(r.Caller.IssuedAt, d.IsBackOffice(r))
}

// actor returns the caller as the provider knows it. The name in a token is optional, so an invalid
// one is ignored.
func (d *Desk) actor(r Request) chat.Actor {
	name, err := chat.CleanName(r.Caller.Name)
	if err != nil {
		name = ""
	}
	return chat.Actor{ID: r.Caller.ID, Name: name, BackOffice: d.IsBackOffice(r)}
}

// user returns the caller as a chat user who acts in its own name.
func (d *Desk) user(ctx context.Context, r Request) (chat.Actor, error) {
	if err := d.authenticate(ctx, r); err != nil {
		return chat.Actor{}, err
	}
	return d.actor(r), nil
}

// enter returns the caller as a chat user who may use the chat. The back office always may.
func (d *Desk) enter(ctx context.Context, r Request) (chat.Actor, error) {
	by, err := d.user(ctx, r)
	if err != nil || by.BackOffice {
		return by, err
	}
	s, err := d.provider.UserStanding(ctx, by.ID)
	if err != nil {
		return by, err
	}
	return by, s.MayEnter()
}

// operation returns an operation, unless the caller exceeds a rate limit. The digest is computed
// from the input, so the input must contain everything that distinguishes two operations.
func (d *Desk) operation(r Request, name string, input any) (chat.Operation, error) {
	op := chat.Operation{By: d.actor(r), Name: name, Key: r.Key, Source: r.Source, IfVersion: r.IfVersion, Noted: r.Noted}
	if err := d.pace(op.By, name == sendMessage); err != nil {
		return op, err
	}
	if bad := chat.CheckReason(r.Reason); bad != nil {
		return op, bad
	}
	if r.Key == "" {
		return op, nil
	}
	if err := chat.CheckKey(r.Key); err != nil {
		return op, err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return op, fmt.Errorf("digesting the input: %w", err)
	}
	if r.IfVersion != nil {
		text = append(text, *r.IfVersion...)
	}
	sum := sha256.Sum256(text)
	op.Digest = hex.EncodeToString(sum[:])
	return op, nil
}

// pace refuses callers without the back-office role who exceed a rate limit.
func (d *Desk) pace(by chat.Actor, message bool) error {
	if by.BackOffice {
		return nil
	}
	return d.limiter.take(by.ID, message)
}

// inField adds a field's name before the field of a chat error. A nil error stays nil.
func inField(field string, err *chat.Error) error {
	if err == nil {
		return nil
	}
	e := *err
	if e.Field != "" {
		field += "." + e.Field
	}
	e.Field = field
	return &e
}
