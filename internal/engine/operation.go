package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// change is like carryOut, for changes by the staff: it also stores a record in the same
// transaction, if the operation came through a door whose changes are recorded. The cid is that of
// the only channel to whose log fn appends, zero for none or several.
func (e *Engine) change(ctx context.Context, cid chat.CID, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	if op.Refused != nil {
		fn = func(*sqlstore.Tx) (string, error) { return "", op.Refused }
	}
	if t := op.Task; t != nil && t.ChangeNo != 0 {
		return e.carryOut(ctx, cid, nil, op, func(tx *sqlstore.Tx) (result string, err error) {
			err = tx.RecordMore(t.Change, t.ChangeNo, func() error {
				result, err = fn(tx)
				return err
			})
			return result, err
		})
	}
	if op.Via == "" {
		return e.carryOut(ctx, cid, nil, op, fn)
	}
	draft, err := e.Draft(op, chat.ChangeDone)
	if err != nil {
		return "", err
	}
	var made chat.Change
	result, repeats, err := e.perform(ctx, cid, nil, op, func(tx *sqlstore.Tx) (result, change string, err error) {
		recorded, err := e.Keep(tx, draft, &made, func() (err error) {
			result, err = fn(tx)
			return err
		})
		if recorded {
			change = draft.ID
		}
		return result, change, err
	})
	switch {
	case err != nil:
	case repeats != "":
		op.Note(repeats)
	case made.ID != "":
		e.Recorded(ctx, op, made)
	}
	return result, err
}

// carryOut runs fn in a transaction and returns its result. The outcome of an operation with a key
// is stored in the same transaction, so that neither exists without the other. A repeat returns the
// stored outcome.
//
// The cid is that of the only channel to whose log fn appends. If everything that fn reads is known
// in advance, reads declares it. fn must make all of its checks before it changes anything.
func (e *Engine) carryOut(ctx context.Context, cid chat.CID, reads func(*sqlstore.Reads), op chat.Operation,
	fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	result, _, err := e.perform(ctx, cid, reads, op, func(tx *sqlstore.Tx) (string, string, error) {
		result, err := fn(tx)
		return result, "", err
	})
	return result, err
}

// perform is like carryOut, for an fn that also returns the id of its record. For a repeat, repeats
// is the id of the first record.
func (e *Engine) perform(ctx context.Context, cid chat.CID, reads func(*sqlstore.Reads), op chat.Operation, fn recordedFunc) (result, repeats string, err error) {
	var refusal error
	if op.Task != nil {
		reads = nil // requests come before jobs in a batch
	}
	job := sqlstore.Job{Channel: cid, Reads: reads, Run: func(tx *sqlstore.Tx) (err error) {
		repeats, refusal = "", nil
		if op.Issued != nil {
			if err := e.checkToken(tx, op.By, *op.Issued); err != nil {
				return err
			}
		}
		if op.Task != nil {
			result, err = doTask(tx, *op.Task, fn)
			return err
		}
		if op.Key == "" {
			result, _, err = fn(tx)
			return err
		}
		result, repeats, refusal, err = e.once(tx, op, fn)
		return err
	}}
	if reads != nil && (op.Key != "" || op.Issued != nil) {
		job.Reads = func(r *sqlstore.Reads) {
			if op.Issued != nil {
				r.TokenLimits(op.By.ID)
			}
			if op.Key != "" {
				r.Outcome(op, e.now().Add(-chat.KeyLifetime))
			}
			reads(r)
		}
	}
	err = e.Store.Do(ctx, job)
	if err != nil {
		return "", "", err
	}
	return result, repeats, refusal
}

// doTask executes a row of a job and marks it as done in the same transaction.
func doTask(tx *sqlstore.Tx, t chat.Task, fn recordedFunc) (string, error) {
	if err := jobstore.Claim(tx, t, false); err != nil {
		return "", err
	}
	result, _, err := fn(tx)
	if err == nil {
		err = jobstore.Done(tx, t, false)
	}
	return result, err
}

// recordedFunc makes a change. It returns its result and the id of its record, "" for none.
type recordedFunc func(tx *sqlstore.Tx) (result, change string, err error)

// once returns the stored outcome of op, or runs fn and stores its outcome. A refusal is an outcome
// too; err means that there is none.
func (e *Effects) once(tx *sqlstore.Tx, op chat.Operation, fn recordedFunc) (result, repeats string, refusal, err error) {
	at := e.now()
	since := at.Add(-chat.KeyLifetime)
	kept, found, err := tx.Outcome(op.By.ID, op.Key, since)
	if err != nil {
		return "", "", nil, err
	}
	if found {
		result, refusal, err = replay(kept, op)
		return result, kept.Change, refusal, err
	}
	result, change, err := fn(tx)
	refusal = asRefusal(err)
	if err != nil && refusal == nil {
		return "", "", nil, err
	}
	failure, err := chat.EncodeError(refusal)
	if err != nil {
		return "", "", nil, err
	}
	return result, "", refusal, tx.KeepOutcome(op, sqlstore.Outcome{Result: result, Error: failure, Change: change}, at, since)
}

func replay(kept sqlstore.Outcome, op chat.Operation) (result string, refusal, err error) {
	if kept.Name != op.Name || kept.Digest != op.Digest {
		return "", nil, &chat.Error{
			Code:    chat.Conflict,
			Field:   "Idempotency-Key",
			Message: "This Idempotency-Key was used for another operation or input. Use a new one.",
		}
	}
	if kept.Error == "" {
		return kept.Result, nil, nil
	}
	stored, err := chat.DecodeError(kept.Error)
	if err != nil {
		return "", nil, err
	}
	return "", stored, nil
}

// asRefusal returns err if a repeat would fail in the same way, otherwise nil.
func asRefusal(err error) error {
	switch chat.CodeOf(err) {
	case chat.InvalidArguments, chat.FileTypeNotSupported, chat.NotFound, chat.Conflict:
		return err
	}
	return nil
}
