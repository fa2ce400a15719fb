package engine

import (
	"context"
	"errors"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Why somebody may not do something. For the log: the caller is told no reason.
var (
	errRole   = errors.New("the user's chat role does not allow it")
	errMember = errors.New("the user is not a member of the channel")
	errFrozen = errors.New("the channel is frozen")
	errBanned = errors.New("the user is banned")
	errMuted  = errors.New("the user is muted")
)

// policy is the settings among the rules.
type policy struct {
	// livestreamMembersWrite lets only members write to livestream channels, where
	// everybody may otherwise.
	livestreamMembersWrite bool
}

// mayRead says why a chat user may not read a channel, or nil. docs/api.md has
// these rules as a table.
func (p policy) mayRead(s sqlstore.Standing, kind chat.ChannelType) error {
	switch {
	case moderates(s):
		return nil
	case s.Banned:
		return errBanned
	case !s.Member && !kind.OpenToAll():
		return errMember
	}
	return nil
}

// mayWrite says why a chat user may not write to a channel, or nil.
func (p policy) mayWrite(s sqlstore.Standing, kind chat.ChannelType) error {
	switch {
	case moderates(s):
		return nil
	case s.Banned:
		return errBanned
	case s.Muted:
		return errMuted
	case s.Frozen:
		return errFrozen
	case !s.Member && (!kind.OpenToAll() || p.livestreamMembersWrite):
		return errMember
	}
	return nil
}

// mayModerate says why a chat user may not do what moderators do, or nil.
func (p policy) mayModerate(s sqlstore.Standing, _ chat.ChannelType) error {
	if !moderates(s) {
		return errRole
	}
	return nil
}

// moderates reports whether a user stands above the rules for users. A ban of a
// moderator has no effect before the role is taken away.
func moderates(s sqlstore.Standing) bool {
	return s.Role == chat.RoleModerator || s.Role == chat.RoleAdmin
}

// rule is one of the functions above.
type rule func(s sqlstore.Standing, kind chat.ChannelType) error

// allow checks a rule in the transaction that acts on it, so that a change of
// role, membership or ban takes effect on the very next action. A channel that
// isn't there is NotFound in the field.
func allow(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, field string, r rule) error {
	if by.BackOffice {
		exists, err := tx.HasChannel(cid)
		return judge(sqlstore.Standing{Exists: exists}, err, by, cid, field, r)
	}
	s, err := tx.Standing(cid, by.ID, now())
	return judge(s, err, by, cid, field, r)
}

// MayRead implements chat.Provider.
func (e *Engine) MayRead(ctx context.Context, by chat.Actor, cid chat.CID) error {
	s, err := e.store.Standing(ctx, cid, by.ID, now())
	return judge(s, err, by, cid, "cid", e.policy.mayRead)
}

func judge(s sqlstore.Standing, err error, by chat.Actor, cid chat.CID, field string, r rule) error {
	switch {
	case err != nil:
		return err
	case by.BackOffice && !s.Exists:
		return noChannel(field)
	case by.BackOffice:
		return nil
	case !s.Exists && !cid.Type.OpenToAll():
		return chat.Denied(errMember) // a stranger doesn't learn which channels there are
	case !s.Exists:
		return noChannel(field)
	}
	if refused := r(s, cid.Type); refused != nil {
		return chat.Denied(refused)
	}
	return nil
}
