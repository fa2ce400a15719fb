package engine

import (
	"context"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// maxRevocations is for how many users revocations are kept in memory.
const maxRevocations = 100_000

// revocations keeps in memory before which time each user's tokens are revoked, since every
// request asks. Changes by this process take effect at once, and changes by others within
// [watchEvery].
type revocations struct {
	mu   sync.Mutex
	kept map[string]time.Time // by user id; zero for nothing revoked
	age  int                  // how often something was dropped
}

func (r *revocations) get(id string) (before time.Time, known bool, age int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, known = r.kept[id]
	return before, known, r.age
}

// keep stores what was read at an age, unless it may be outdated already.
func (r *revocations) keep(id string, before time.Time, age int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.age != age {
		return
	}
	if r.kept == nil || len(r.kept) >= maxRevocations {
		r.kept = map[string]time.Time{}
	}
	r.kept[id] = before
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

// TokensAfter implements chat.Provider.
func (e *Engine) TokensAfter(ctx context.Context, id string) (time.Time, error) {
	app, err := e.App(ctx)
	if err != nil {
		return time.Time{}, err
	}
	before, known, age := e.revoked.get(id)
	if !known {
		if before, err = e.Store.TokensAfter(ctx, id); err != nil {
			return time.Time{}, err
		}
		e.revoked.keep(id, before, age)
	}
	if app.TokensAfter.After(before) {
		return app.TokensAfter, nil
	}
	return before, nil
}

// RevokeTokens implements chat.Provider.
func (e *Engine) RevokeTokens(ctx context.Context, req chat.RevokeTokens) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		return "", e.changeUsers(tx, chat.ChangeUsers{IDs: []string{req.UserID}, Create: true, Deleted: true,
			Change: func(_ int, u *chat.User) error {
				u.TokensAfter = e.now()
				return nil
			}})
	})
	return err
}
