package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// Outcome is the stored outcome of an operation with a key.
type Outcome struct {
	Name, Digest string // identify the operation and its input
	Result       string // what it answered
	Error        string // its error as JSON; "" for success
	Change       string // id of its record; "" if it has none
}

// Outcome returns the outcome of the actor's operation with that key, and whether one was stored
// since the given time.
func (tx *Tx) Outcome(actor, key string, since time.Time) (Outcome, bool, error) {
	return foreseen(tx, readKey{"outcome", actor, key}, scanOutcome, outcomeText, actor, key, Micros(since))
}

const outcomeText = `SELECT name, digest, result, error, change FROM operations WHERE actor = $1 AND key = $2 AND at >= $3`

// KeepOutcome stores an operation's outcome. It fails if there is one since the given time; an
// older one is replaced.
func (tx *Tx) KeepOutcome(op chat.Operation, o Outcome, at, since time.Time) error {
	if err := tx.put(`DELETE FROM operations WHERE actor = $1 AND key = $2 AND at < $3`,
		op.By.ID, op.Key, Micros(since)); err != nil {
		return err
	}
	tx.provedBy(`SELECT 1 FROM operations WHERE actor = $1 AND key = $2 AND digest = $3 AND at = $4`,
		op.By.ID, op.Key, op.Digest, Micros(at))
	return tx.put(`INSERT INTO operations (actor, key, name, digest, result, error, at, change)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, op.By.ID, op.Key, op.Name, op.Digest, o.Result, o.Error, Micros(at), o.Change)
}

// ForgetOutcomes removes all outcomes and attempts from before a time.
func (tx *Tx) ForgetOutcomes(before time.Time) error {
	if _, err := tx.Change(`DELETE FROM operations WHERE at < $1`, Micros(before)); err != nil {
		return err
	}
	_, err := tx.Change(`DELETE FROM attempts WHERE at < $1`, Micros(before))
	return err
}

// Attempt is the stored start of an operation on a hosted chat whose outcome isn't known yet.
type Attempt struct {
	Name, Digest string // identify the operation and its input
	Token        string // identifies the change at the hosted chat
}

const attemptText = `SELECT name, digest, token FROM attempts WHERE actor = $1 AND key = $2 AND at >= $3`

// Attempt returns the attempt with an operation's actor and key, and whether there is one since the
// given time.
func (s *Store) Attempt(ctx context.Context, op chat.Operation, since time.Time) (Attempt, bool, error) {
	rows, err := s.Query(ctx, attemptText, op.By.ID, op.Key, Micros(since))
	return First(rows, err, scanAttempt)
}

// Attempt returns the attempt with an operation's actor and key, and whether there is one since the
// given time.
func (tx *Tx) Attempt(op chat.Operation, since time.Time) (Attempt, bool, error) {
	return TxFirst(tx, scanAttempt, attemptText, op.By.ID, op.Key, Micros(since))
}

// KeepAttempt stores that an operation has started. It replaces an older attempt with the same
// actor and key.
func (tx *Tx) KeepAttempt(op chat.Operation, token string, at time.Time) error {
	_, err := tx.Change(`INSERT INTO attempts (actor, key, name, digest, token, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (actor, key) DO UPDATE SET name = $3, digest = $4, token = $5, at = $6`,
		op.By.ID, op.Key, op.Name, op.Digest, token, Micros(at))
	return err
}

// EndAttempt removes the attempt with an operation's actor and key.
func (tx *Tx) EndAttempt(op chat.Operation) error {
	_, err := tx.Change(`DELETE FROM attempts WHERE actor = $1 AND key = $2`, op.By.ID, op.Key)
	return err
}

func scanAttempt(rows Row) (a Attempt, err error) {
	err = rows.Scan(&a.Name, &a.Digest, &a.Token)
	return a, err
}

func scanOutcome(rows Row) (o Outcome, err error) {
	err = rows.Scan(&o.Name, &o.Digest, &o.Result, &o.Error, &o.Change)
	return o, err
}
