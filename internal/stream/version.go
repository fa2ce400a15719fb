package stream

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Stream doesn't compare versions. So the state is read immediately before the call and compared: a
// change by others between the two is overwritten.

// versionOf returns the version of a channel or user with that state. The versions of messages and
// bans include more than their state.
func (p *Provider) versionOf(kind chat.TargetKind, s state) string {
	switch {
	case s == nil:
		return chat.NoVersion
	case kind == chat.ChannelTarget:
		return chat.Channel{Name: s.text(nameField), Avatar: s.text(avatarField), Frozen: s.flag(frozenField)}.Version()
	default:
		return p.user(wireUser{Name: s.text(userNameField), Role: s.text(roleField)}).Version()
	}
}

// made reports whether a thing has the state that an earlier attempt of the same change intended.
func (a attempt) made(now, after state) bool {
	return a.again && (now == nil) == (after == nil) && len(now.differs(after)) == 0
}

// checkMessageVersion returns an error if a message doesn't have the version that the caller
// expects.
func (p *Provider) checkMessageVersion(ctx context.Context, a attempt, op chat.Operation, w wireMessage, set object) error {
	about := w.target()
	if op.IfVersion == nil || *op.IfVersion == p.message(about.CID, w).Version() || a.made(w.state(), w.stateWith(set)) {
		return nil
	}
	return p.changedUnseen(ctx, about, op.By, "ifVersion")
}

// changedUnseen returns the error for a change of a thing that was changed since the caller read
// it.
func (p *Provider) changedUnseen(ctx context.Context, about chat.ChangeTarget, by chat.Actor, field string) error {
	var last chat.Change
	err := p.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		last, _, err = tx.LastChange(about, 0)
		return err
	})
	if err != nil {
		return err
	}
	p.openings.forget()
	switch about.Kind {
	case chat.ChannelTarget:
		err = p.refreshChannels(ctx, []chat.CID{about.CID})
	case chat.UserTarget, chat.RestrictionTarget:
		err = p.refreshUsers(ctx, []string{about.UserID})
	}
	if err != nil {
		return err
	}
	return chat.ChangedUnseen(about, by, last, field)
}
