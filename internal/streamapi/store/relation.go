package store

import (
	"context"
	"time"

	"backchannel/internal/sqlstore"
)

// RelationKind is the kind of a user's relation to another.
type RelationKind string

// The kinds of relation. They affect clients that show messages, not senders.
const (
	Silence RelationKind = "mute"  // no notifications of the other's messages
	Block   RelationKind = "block" // no contact with the other
)

// MaxRelations is the maximum number of users that a user may mute, and that it may block.
const MaxRelations = 5_000

// Relation is a user's mute or block of another.
type Relation struct {
	UserID    string
	Target    string
	CreatedAt time.Time
	UpdatedAt time.Time
	Until     time.Time // zero if permanent
}

// Relations returns the relations of the given users to others, oldest first.
func (s *Store) Relations(ctx context.Context, kind RelationKind, users []string, at time.Time) ([]Relation, error) {
	var all []Relation
	for chunk := range sqlstore.Chunks(users) {
		marks, args := sqlstore.In(chunk, sqlstore.Same)
		rows, err := s.Query(ctx, `SELECT user_id, target, kind, created_at, updated_at, until FROM user_relations
			WHERE user_id IN `+marks+` ORDER BY created_at, target`, args...)
		list, err := sqlstore.Collect(rows, err, scanRelation)
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

// CountRelations returns the number of users that a user has muted or blocked.
func CountRelations(tx *sqlstore.Tx, kind RelationKind, user string) (int64, error) {
	n, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT COUNT(*) FROM user_relations WHERE user_id = $1 AND kind = $2`, user, string(kind))
	return n, err
}

// Relate stores a relation, or its new end.
func Relate(tx *sqlstore.Tx, kind RelationKind, r Relation) error {
	_, err := tx.Change(`INSERT INTO user_relations (user_id, target, kind, until, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (user_id, kind, target) DO UPDATE SET until = excluded.until,
		updated_at = excluded.updated_at`, r.UserID, r.Target, string(kind), sqlstore.Micros(r.Until), sqlstore.Micros(r.CreatedAt))
	return err
}

// Unrelate removes a relation and reports whether there was one.
func Unrelate(tx *sqlstore.Tx, kind RelationKind, user, target string) (bool, error) {
	n, err := tx.Change(`DELETE FROM user_relations WHERE user_id = $1 AND kind = $2 AND target = $3`, user, string(kind), target)
	return n > 0, err
}

type relationRow struct {
	Relation
	kind RelationKind
}

func scanRelation(rows sqlstore.Row) (r relationRow, err error) {
	var created, updated, until int64
	err = rows.Scan(&r.UserID, &r.Target, &r.kind, &created, &updated, &until)
	r.CreatedAt, r.UpdatedAt, r.Until = sqlstore.Moment(created), sqlstore.Moment(updated), sqlstore.Moment(until)
	return r, err
}
