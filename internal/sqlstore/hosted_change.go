package sqlstore

import (
	"context"
	"time"
)

// HostedChange is a channel or user of a chat elsewhere that changed.
type HostedChange struct {
	Subject string
	No      int64 // later changes have higher ones
}

// NoteHostedChange notes that something changed at a chat elsewhere.
func (tx *Tx) NoteHostedChange(subject string) error {
	no, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'hosted_changes' RETURNING value`)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO hosted_changes (subject, no) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET no = $2`, subject, no)
	return err
}

// HostedChanges returns what changed after a change, the first so many.
func (s *Store) HostedChanges(ctx context.Context, after int64, limit int) ([]HostedChange, error) {
	rows, err := s.Query(ctx, `SELECT subject, no FROM hosted_changes WHERE no > $1 ORDER BY no LIMIT $2`, after, limit)
	return Collect(rows, err, func(rows Row) (c HostedChange, err error) {
		err = rows.Scan(&c.Subject, &c.No)
		return c, err
	})
}

// LastHostedChange is the number of the last change.
func (s *Store) LastHostedChange(ctx context.Context) (int64, error) {
	rows, err := s.Query(ctx, `SELECT value FROM counters WHERE name = 'hosted_changes'`)
	no, _, err := First(rows, err, ScanValue[int64])
	return no, err
}

// TakeHookCall notes that a webhook's call was taken, and reports whether it is the
// first of its id.
func (tx *Tx) TakeHookCall(id string, at time.Time) (bool, error) {
	n, err := tx.Change(`INSERT INTO hook_calls (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, Micros(at))
	return n > 0, err
}

// ForgetHosted removes calls of webhooks, and what was seen of a chat elsewhere, from
// before a time each.
func (tx *Tx) ForgetHosted(calls, states time.Time) error {
	if _, err := tx.Change(`DELETE FROM hook_calls WHERE at < $1`, Micros(calls)); err != nil {
		return err
	}
	_, err := tx.Change(`DELETE FROM hosted_states WHERE at < $1`, Micros(states))
	return err
}
