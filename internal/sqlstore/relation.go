package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// Relations returns what those users want of others, the oldest first.
func (s *Store) Relations(ctx context.Context, kind chat.RelationKind, users []string, at time.Time) ([]chat.Relation, error) {
	var all []chat.Relation
	for chunk := range chunks(users) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT user_id, target, kind, created_at, updated_at, until FROM user_relations
			WHERE user_id IN `+marks+` ORDER BY created_at, target`, args...)
		list, err := collect(rows, err, scanRelation)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if r.kind == kind && (r.Until.IsZero() || r.Until.After(at)) {
				all = append(all, r.Relation)
			}
		}
	}
	return all, nil
}

// CountRelations returns how many users a user has silenced or blocked.
func (tx *Tx) CountRelations(kind chat.RelationKind, user string) (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM user_relations WHERE user_id = $1 AND kind = $2`, user, string(kind))
	return n, err
}

// Relate stores what a user wants of another, or says anew until when.
func (tx *Tx) Relate(kind chat.RelationKind, r chat.Relation) error {
	_, err := tx.change(`INSERT INTO user_relations (user_id, target, kind, until, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (user_id, kind, target) DO UPDATE SET until = excluded.until,
		updated_at = excluded.updated_at`, r.UserID, r.Target, string(kind), micros(r.Until), micros(r.CreatedAt))
	return err
}

// Unrelate ends it and reports whether there was anything to end.
func (tx *Tx) Unrelate(kind chat.RelationKind, user, target string) (bool, error) {
	n, err := tx.change(`DELETE FROM user_relations WHERE user_id = $1 AND kind = $2 AND target = $3`, user, string(kind), target)
	return n > 0, err
}

type relationRow struct {
	chat.Relation
	kind chat.RelationKind
}

func scanRelation(rows row) (r relationRow, err error) {
	var created, updated, until int64
	err = rows.Scan(&r.UserID, &r.Target, &r.kind, &created, &updated, &until)
	r.CreatedAt, r.UpdatedAt, r.Until = moment(created), moment(updated), moment(until)
	return r, err
}
