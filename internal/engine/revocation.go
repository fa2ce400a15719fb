package engine

import (
	"context"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// maxRevocations is the number of users whose token limits are cached.
const maxRevocations = 100_000

// revocations caches the token limits of users, since every request needs them. Changes by this
// process take effect immediately, those by other processes within [watchEvery].
type revocations struct {
	mu   sync.Mutex
	kept map[string]chat.TokenLimits // by user id
	age  int                         // how often entries were dropped
}

func (r *revocations) get(id string) (limits chat.TokenLimits, known bool, age int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	limits, known = r.kept[id]
	return limits, known, r.age
}

// keep stores what was read at an age, unless it may be outdated.
func (r *revocations) keep(id string, limits chat.TokenLimits, age int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.age != age {
		return
	}
	if r.kept == nil || len(r.kept) >= maxRevocations {
		r.kept = map[string]chat.TokenLimits{}
	}
	r.kept[id] = limits
}

func (r *revocations) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.kept, id)
	r.age++
}

func (r *revocations) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = nil
	r.age++
}

// TokenLimits implements chat.Provider.
func (e *Engine) TokenLimits(ctx context.Context, id string) (chat.TokenLimits, error) {
	found, err := e.Store.TokenLimits(ctx, id)
	if err != nil {
		return chat.TokenLimits{}, err
	}
	e.expectSettings(found.Settings)
	app, err := e.App(ctx)
	return ofApp(found.TokenLimits, app.TokensAfter), err
}

// KeptTokenLimits implements chat.Provider.
func (e *Engine) KeptTokenLimits(ctx context.Context, id string) (chat.TokenLimits, error) {
	limits, known, age := e.revoked.get(id)
	if !known {
		found, err := e.Store.TokenLimits(ctx, id)
		if err != nil {
			return limits, err
		}
		limits = found.TokenLimits
		e.revoked.keep(id, limits, age)
	}
	app, err := e.App(ctx)
	return ofApp(limits, app.TokensAfter), err
}

// checkToken returns an error if an actor's token is revoked, as the transaction sees it.
func (e *Engine) checkToken(tx *sqlstore.Tx, by chat.Actor, issued time.Time) error {
	found, err := tx.TokenLimits(by.ID)
	if err != nil {
		return err
	}
	e.expectSettings(found.Settings)
	s, err := e.SettingsIn(tx)
	if err != nil {
		return err
	}
	return ofApp(found.TokenLimits, s.App.TokensAfter).Check(issued, by.BackOffice)
}

// ofApp adds the time before which all tokens of the app are revoked.
func ofApp(l chat.TokenLimits, revoked time.Time) chat.TokenLimits {
	if revoked.After(l.Revoked) {
		l.Revoked = revoked
	}
	return l
}

// RevokeTokens implements chat.Provider.
func (e *Engine) RevokeTokens(ctx context.Context, req chat.RevokeTokens) error {
	_, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		// A user who was deleted permanently isn't created again.
		deleted, err := tx.RevokeDeleted(req.UserID, e.now())
		switch {
		case err != nil:
			return "", err
		case deleted:
			tx.Note(chat.ChangeTarget{Kind: chat.UserTarget, UserID: req.UserID})
			return "", e.accessChanged(tx, req.UserID)
		}
		return "", e.changeUsers(tx, chat.ChangeUsers{IDs: []string{req.UserID}, Create: true, Deleted: true,
			Change: func(_ int, u *chat.User) error {
				u.TokensAfter = e.now()
				return nil
			}})
	})
	return err
}

// accessChanged tells this process, and others with the same database, that a user's rights have
// changed.
func (e *Effects) accessChanged(tx *sqlstore.Tx, id string) error {
	tx.AfterCommit(func() {
		e.revoked.forget(id)
		e.tellAccess(id)
	})
	return e.RecordForDesk(tx, sqlstore.Entry{Type: chat.UserUpdated, User: id, At: e.now()})
}
