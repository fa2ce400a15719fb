package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// carryOut runs fn in a transaction and returns its result. The outcome of an operation
// with a key is stored in the same transaction, so that there is never an effect without
// its record, or a record without its effect. A repeat gets the stored outcome.
//
// fn makes all its checks before it changes anything.
func (e *Engine) carryOut(ctx context.Context, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	return e.carryOutIn(ctx, chat.CID{}, nil, op, fn)
}

// carryOutIn is carryOut for operations that append to one channel's log. If everything
// that fn reads is known beforehand, reads says what.
func (e *Engine) carryOutIn(ctx context.Context, cid chat.CID, reads func(*sqlstore.Reads), op chat.Operation,
	fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
	var result string
	var refusal error
	job := sqlstore.Job{Channel: cid, Reads: reads, Run: func(tx *sqlstore.Tx) (err error) {
		refusal = nil
		if op.Issued != nil {
			if err := e.checkToken(tx, op.By, *op.Issued); err != nil {
				return err
			}
		}
		if op.Key == "" {
			result, err = fn(tx)
			return err
		}
		result, refusal, err = e.once(tx, op, fn)
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
	err := e.Store.Do(ctx, job)
	if err != nil {
		return "", err
	}
	return result, refusal
}

// once returns the stored outcome of op, or runs fn and stores its outcome. A refusal is an
// outcome like any other; err says that there is none.
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

// asRefusal returns err if it is a lasting answer to the caller, otherwise nil.
func asRefusal(err error) error {
	switch chat.CodeOf(err) {
	case chat.InvalidArguments, chat.FileTypeNotSupported, chat.NotFound, chat.Conflict:
		return err
	}
	return nil
}
