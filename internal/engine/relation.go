package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Relations returns whom those users silenced or blocked, the oldest first.
func (e *Engine) Relations(ctx context.Context, kind chat.RelationKind, users ...string) ([]chat.Relation, error) {
	return e.store.Relations(ctx, kind, users, e.now())
}

// Relate has a user silence or block others until a time, zero for good, and returns
// those targets that are no chat users, which are passed over. NotFound: the user.
func (e *Engine) Relate(ctx context.Context, kind chat.RelationKind, user string, targets []string, until time.Time) (unknown []string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		role, err := tx.Role(user)
		if err == nil && role == "" {
			err = noUser()
		}
		if err != nil {
			return err
		}
		if unknown, err = unknownUsers(tx, targets); err != nil {
			return err
		}
		had, err := tx.CountRelations(kind, user)
		if err == nil && had+int64(len(targets)) > chat.MaxRelations {
			err = chat.Invalid("user_id", "A user may have %d such users at most.", chat.MaxRelations)
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
			if err := tx.Relate(kind, chat.Relation{UserID: user, Target: target, CreatedAt: e.now(), Until: until}); err != nil {
				return err
			}
		}
		return nil
	})
	return unknown, err
}

// Unrelate ends that, and returns those targets that are no chat users.
func (e *Engine) Unrelate(ctx context.Context, kind chat.RelationKind, user string, targets []string) (unknown []string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if unknown, err = unknownUsers(tx, targets); err != nil {
			return err
		}
		for _, target := range targets {
			if _, err := tx.Unrelate(kind, user, target); err != nil {
				return err
			}
		}
		return nil
	})
	return unknown, err
}
