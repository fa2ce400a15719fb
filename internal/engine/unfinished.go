package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid" // as in internal/ledger

	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

const (
	// unfinishedAfter is how long the request that began an operation has to finish it.
	unfinishedAfter = time.Minute
	finishEvery     = 30 * time.Second
	finishAtOnce    = 100
)

// Finisher does what is left of an operation, from the JSON of what [Effects.Leave] was given. It
// must do no harm if it is done again or by two servers at the same time.
type Finisher func(ctx context.Context, u jobstore.Unfinished) error

// Finishes registers who finishes operations of a kind.
func (e *Engine) Finishes(kind string, fn Finisher) { e.finishers.Store(kind, fn) }

// Leave stores what is left of an operation after this transaction, so that a server finishes it
// if the process is killed. The caller must call [Engine.Finish] after the transaction.
func (e *Effects) Leave(tx *sqlstore.Tx, kind string, input any) (jobstore.Unfinished, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return jobstore.Unfinished{}, fmt.Errorf("encoding what is left of an operation: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return jobstore.Unfinished{}, fmt.Errorf("making an id: %w", err)
	}
	u := jobstore.Unfinished{ID: id.String(), Kind: kind, Input: string(text), Change: tx.Recording(), At: e.now()}
	return u, jobstore.Leave(tx, u)
}

// Finish does what is left of an operation.
func (e *Engine) Finish(ctx context.Context, u jobstore.Unfinished) error {
	do, known := e.finishers.Load(u.Kind)
	if !known {
		return fmt.Errorf("nobody finishes operations of the kind %q", u.Kind)
	}
	if err := do.(Finisher)(ctx, u); err != nil {
		return err
	}
	return e.Store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Finished(tx, u.ID) })
}

// FinishUnfinished finishes operations that began before a time and were cut short. What it
// changes is added to their records.
func (e *Engine) FinishUnfinished(ctx context.Context, before time.Time) error {
	list, err := jobstore.ListUnfinished(ctx, e.Store, before, finishAtOnce)
	if err != nil {
		return err
	}
	var failed error
	for _, u := range list {
		if _, known := e.finishers.Load(u.Kind); !known {
			continue // a server with the API that began it finishes it
		}
		e.logger.InfoContext(ctx, "finishing an operation that was cut short", "operation", u.Kind, "change", u.Change, "begun", u.At)
		failed = errors.Join(failed, e.goOn(ctx, u))
	}
	return failed
}

// goOn finishes an operation under its record. If there is no such record, the operation changed
// nothing.
func (e *Engine) goOn(ctx context.Context, u jobstore.Unfinished) error {
	if u.Change == "" {
		return e.Finish(ctx, u)
	}
	recording, found, err := sqlstore.WithStoredRecord(ctx, e.Store, u.Change)
	if err != nil {
		return err
	}
	if !found {
		return e.Store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Finished(tx, u.ID) })
	}
	return e.Finish(recording, u)
}

func (e *Engine) finishOthers(ctx context.Context) error {
	return e.FinishUnfinished(ctx, e.now().Add(-unfinishedAfter))
}
