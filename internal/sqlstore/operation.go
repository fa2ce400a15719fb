package sqlstore

import (
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// Outcome is what is kept of an operation with a key.
type Outcome struct {
	Name, Digest string // which operation it was, with which input
	Result       string // what it answered
	Error        string // or how it failed, JSON; "" for success
}

// Outcome returns the outcome of the actor's operation with that key, and whether
// there is one since the given time.
func (tx *Tx) Outcome(actor, key string, since time.Time) (Outcome, bool, error) {
	return txFirst(tx, scanOutcome, `SELECT name, digest, result, error FROM operations
		WHERE actor = $1 AND key = $2 AND at >= $3`, actor, key, micros(since))
}

// KeepOutcome stores an operation's outcome. There must be none since the given
// time; an older one is replaced.
func (tx *Tx) KeepOutcome(op chat.Operation, result, failure string, at, since time.Time) error {
	if _, err := tx.change(`DELETE FROM operations WHERE actor = $1 AND key = $2 AND at < $3`,
		op.By.ID, op.Key, micros(since)); err != nil {
		return err
	}
	_, err := tx.change(`INSERT INTO operations (actor, key, name, digest, result, error, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, op.By.ID, op.Key, op.Name, op.Digest, result, failure, micros(at))
	return err
}

// ForgetOutcomes removes all outcomes from before a time.
func (tx *Tx) ForgetOutcomes(before time.Time) error {
	_, err := tx.change(`DELETE FROM operations WHERE at < $1`, micros(before))
	return err
}

func scanOutcome(rows *sql.Rows) (o Outcome, err error) {
	err = rows.Scan(&o.Name, &o.Digest, &o.Result, &o.Error)
	return o, err
}
