package sqlstore

import (
	"context"
	"time"
)

// HostedChange is a changed channel or user of a hosted chat.
type HostedChange struct {
	Subject string
	No      int64 // increases with each change
}

// NoteHostedChange stores that something changed at a hosted chat.
func (tx *Tx) NoteHostedChange(subject string) error {
	no, _, err := Returning(tx, ScanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'hosted_changes' RETURNING value`)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO hosted_changes (subject, no) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET no = $2`, subject, no)
	return err
}

// HostedChanges returns the first changes after a change.
func (s *Store) HostedChanges(ctx context.Context, after int64, limit int) ([]HostedChange, error) {
	rows, err := s.Query(ctx, `SELECT subject, no FROM hosted_changes WHERE no > $1 ORDER BY no LIMIT $2`, after, limit)
	return Collect(rows, err, func(rows Row) (c HostedChange, err error) {
		err = rows.Scan(&c.Subject, &c.No)
		return c, err
	})
}

// LastHostedChange returns the number of the last change.
func (s *Store) LastHostedChange(ctx context.Context) (int64, error) {
	rows, err := s.Query(ctx, `SELECT value FROM counters WHERE name = 'hosted_changes'`)
	no, _, err := First(rows, err, ScanValue[int64])
	return no, err
}

// TakeHookCall stores that a webhook's call was received, and reports whether it is the first one
// with its id.
func (tx *Tx) TakeHookCall(id string, at time.Time) (bool, error) {
	n, err := tx.Change(`INSERT INTO hook_calls (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, Micros(at))
	return n > 0, err
}

// ForgetHosted removes received calls of webhooks, and stored states of a hosted chat, each from
// before a time.
func (tx *Tx) ForgetHosted(calls, states time.Time) error {
	if _, err := tx.Change(`DELETE FROM hook_calls WHERE at < $1`, Micros(calls)); err != nil {
		return err
	}
	_, err := tx.Change(`DELETE FROM hosted_states WHERE at < $1`, Micros(states))
	return err
}
