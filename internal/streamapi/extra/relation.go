package extra

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// Relations returns the users that the given users muted or blocked, oldest first.
func (e *Engine) Relations(ctx context.Context, kind store.RelationKind, users ...string) ([]store.Relation, error) {
	return e.store.Relations(ctx, kind, users, e.now())
}

// Relate makes a user mute or block others until a time, permanently if it is zero. It ignores
// targets that aren't chat users and returns them. NotFound: the user.
func (e *Engine) Relate(ctx context.Context, kind store.RelationKind, user string, targets []string, until time.Time) (unknown []string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		role, err := tx.Role(user)
		if err == nil && role == "" {
			err = engine.NoUser()
		}
		if err != nil {
			return err
		}
		if unknown, err = engine.UnknownUsers(tx, targets); err != nil {
			return err
		}
		had, err := store.CountRelations(tx, kind, user)
		if err == nil && had+int64(len(targets)) > store.MaxRelations {
			err = chat.Invalid("user_id", "A user may have %d such users at most.", store.MaxRelations)
		}
		if err != nil {
			return err
		}
		missing := make(map[string]bool, len(unknown))
		for _, id := range unknown {
			missing[id] = true
		}
		for _, target := range targets {
			if missing[target] {
				continue
			}
			if err := store.Relate(tx, kind, store.Relation{UserID: user, Target: target, CreatedAt: e.now(), Until: until}); err != nil {
				return err
			}
		}
		return nil
	})
	return unknown, err
}

// Unrelate unmutes or unblocks the targets and returns those that aren't chat users.
func (e *Engine) Unrelate(ctx context.Context, kind store.RelationKind, user string, targets []string) (unknown []string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if unknown, err = engine.UnknownUsers(tx, targets); err != nil {
			return err
		}
		for _, target := range targets {
			if _, err := store.Unrelate(tx, kind, user, target); err != nil {
				return err
			}
		}
		return nil
	})
	return unknown, err
}
