package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// record appends to a channel's log and, once that is durable, wakes who listens.
func (e *Engine) record(tx *sqlstore.Tx, entry sqlstore.Entry) error {
	seq, _, err := tx.Log(entry)
	if err == nil {
		tx.AfterCommit(func() { e.hub.advance(entry.CID, seq) })
	}
	return err
}

// recordForDesk appends to the back office's log.
func (e *Engine) recordForDesk(tx *sqlstore.Tx, entry sqlstore.Entry) error {
	seq, err := tx.LogBackOffice(entry)
	if err == nil {
		tx.AfterCommit(func() { e.hub.advance(chat.CID{}, seq) })
	}
	return err
}

// Signal implements chat.Provider.
func (e *Engine) Signal(ctx context.Context, by chat.Actor, cid chat.CID, event chat.EventType) error {
	s, err := e.store.Standing(ctx, cid, by.ID, e.now())
	if err := judge(s, err, by, cid, "cid", e.policy.MayWrite); err != nil {
		return err
	}
	u, err := e.knownUser(ctx, by)
	if err != nil {
		return err
	}
	e.hub.signal(chat.Event{Type: event, CID: cid, User: u, CreatedAt: e.now()})
	return nil
}

// knownUser returns the caller as a chat user, made on first use: what a token says
// has no name as a rule.
func (e *Engine) knownUser(ctx context.Context, by chat.Actor) (chat.User, error) {
	u, found, err := e.store.User(ctx, by.ID)
	if err != nil || found {
		return u, err
	}
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		u, err = tx.EnsureUser(chat.User{ID: by.ID, Name: by.Name, Role: chat.RoleUser, CreatedAt: e.now()})
		return err
	})
	return u, err
}

// Attend implements chat.Provider.
func (e *Engine) Attend(ctx context.Context, by chat.Actor, cid chat.CID) (func(), error) {
	s, err := e.store.Standing(ctx, cid, by.ID, e.now())
	if err := judge(s, err, by, cid, "cid", e.policy.MayRead); err != nil {
		return nil, err
	}
	if !s.Member {
		return func() {}, nil
	}
	u, err := e.knownUser(ctx, by)
	if err != nil {
		return nil, err
	}
	t := e.hub.join(cid)
	tell := func(online bool) {
		t.signal(chat.Event{Type: chat.PresenceChanged, CID: cid, User: u, Online: online, CreatedAt: e.now()})
	}
	if t.enter(by.ID) {
		tell(true)
	}
	return func() {
		if t.exit(by.ID) {
			tell(false)
		}
		e.hub.leave(t)
	}, nil
}

// enter counts a connection of a user and reports whether it is the first.
func (t *topic) enter(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.present[user]++
	return t.present[user] == 1
}

// exit uncounts it and reports whether it was the last.
func (t *topic) exit(user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present[user]--; t.present[user] > 0 {
		return false
	}
	delete(t.present, user)
	return true
}
