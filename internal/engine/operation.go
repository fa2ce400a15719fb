package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// carryOut runs fn in a transaction and returns its result. For an operation with
// a key the outcome is kept in that same transaction, so that there is never an
// effect without its record, or the other way round; a repeat gets the kept
// outcome instead.
//
// fn checks before it changes anything, and gives up without a change.
func (e *Engine) carryOut(ctx context.Context, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	return e.carryOutIn(ctx, chat.CID{}, nil, op, fn)
}

// carryOutIn is carryOut for what appends to one channel's log. If all that fn asks can
// be told beforehand, reads tells it.
func (e *Engine) carryOutIn(ctx context.Context, cid chat.CID, reads func(*sqlstore.Reads), op chat.Operation,
	fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	var result string
	var refusal error
	job := sqlstore.Job{Channel: cid, Reads: reads, Run: func(tx *sqlstore.Tx) (err error) {
		refusal = nil
		if op.Key == "" {
			result, err = fn(tx)
			return err
		}
		result, refusal, err = e.once(tx, op, fn)
		return err
	}}
	if op.Key != "" && reads != nil {
		job.Reads = func(r *sqlstore.Reads) {
			r.Outcome(op, e.now().Add(-chat.KeyLifetime))
			reads(r)
		}
	}
	err := e.Store.Do(ctx, job)
	if err != nil {
		return "", err
	}
	return result, refusal
}

// once answers with the kept outcome of op, or runs fn and keeps its outcome. A
// refusal is an outcome like any other; err says that there is none.
func (e *Effects) once(tx *sqlstore.Tx, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (result string, refusal, err error) {
	at := e.now()
	since := at.Add(-chat.KeyLifetime)
	kept, found, err := tx.Outcome(op.By.ID, op.Key, since)
	if err != nil {
		return "", nil, err
	}
	if found {
		return replay(kept, op)
	}
	result, err = fn(tx)
	refusal = asRefusal(err)
	if err != nil && refusal == nil {
		return "", nil, err
	}
	failure, err := chat.EncodeError(refusal)
	if err != nil {
		return "", nil, err
	}
	return result, refusal, tx.KeepOutcome(op, result, failure, at, since)
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

// asRefusal returns err where it is a lasting answer to the caller, else nil.
func asRefusal(err error) error {
	switch chat.CodeOf(err) {
	case chat.InvalidArguments, chat.FileTypeNotSupported, chat.NotFound, chat.Conflict:
		return err
	}
	return nil
}
