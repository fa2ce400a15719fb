package jobstore

import (
	"context"
	"time"

	"backchannel/internal/sqlstore"
)

// Unfinished is what is left of an operation that takes several transactions.
type Unfinished struct {
	ID     string
	Kind   string
	Input  string // JSON
	Change string // id of the operation's record; "" for none
	At     time.Time
}

// Leave stores what is left of an operation after this transaction.
func Leave(tx *sqlstore.Tx, u Unfinished) error {
	_, err := tx.Change(`INSERT INTO unfinished (id, kind, input, change, at) VALUES ($1, $2, $3, $4, $5)`,
		u.ID, u.Kind, u.Input, u.Change, sqlstore.Micros(u.At))
	return err
}

// Finished removes what [Leave] stored.
func Finished(tx *sqlstore.Tx, id string) error {
	_, err := tx.Change(`DELETE FROM unfinished WHERE id = $1`, id)
	return err
}

// ListUnfinished returns what was left before a time, oldest first.
func ListUnfinished(ctx context.Context, s *sqlstore.Store, before time.Time, limit int) ([]Unfinished, error) {
	rows, err := s.Query(ctx, `SELECT id, kind, input, change, at FROM unfinished WHERE at < $1 ORDER BY at, id LIMIT $2`, sqlstore.Micros(before), limit)
	return sqlstore.Collect(rows, err, func(rows sqlstore.Row) (u Unfinished, err error) {
		var at int64
		err = rows.Scan(&u.ID, &u.Kind, &u.Input, &u.Change, &at)
		u.At = sqlstore.Moment(at)
		return u, err
	})
}
