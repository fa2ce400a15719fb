package stream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid" // as in internal/engine

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream/breaker"
)

const (
	// resendTime is the time within which an identical change counts as a retry of a change without
	// a key whose outcome is unknown.
	resendTime = 15 * time.Minute
	// maxWork is the time limit of a change whose caller has no deadline.
	maxWork = time.Minute
	// maxRecord is the time limit for storing its record.
	maxRecord = 5 * time.Second
)

// attempt is one attempt at a change. Its token identifies the change at Stream: it is the
// message's id or the mark in a new channel. So another attempt with the same token finds what the
// first one did.
type attempt struct {
	token string
	again bool   // an earlier attempt may have had the effect
	entry *entry // nil if the change has no record
}

// work makes a change at Stream and returns its result.
type work func(ctx context.Context, a attempt) (string, error)

// carryOut executes a change. An operation with a key is stored with its token before it starts and
// with its outcome afterwards. A retry that finds a start without an outcome, even after a crash,
// continues with the same token. Stream's effect and our record aren't one transaction, so the work
// must be harmless when done twice with the same token.
//
// Once started, the work continues even if its caller gives up.
func (p *Provider) carryOut(ctx context.Context, op chat.Operation, do work) (string, error) {
	if err := gone(ctx); err != nil {
		return "", err
	}
	if err := checkUserIDs("", op.By.ID); err != nil {
		return "", err
	}
	if op.Refused != nil {
		do = func(context.Context, attempt) (string, error) { return "", op.Refused }
	}
	ctx, going, end := breaker.Begin(ctx)
	defer end()
	if op.Task != nil {
		result, err := p.carryOutTask(ctx, op, do)
		return result, going.Known(err)
	}
	if op.Key == "" {
		a, err := p.attemptOf(op, newToken(), false)
		if err != nil {
			return "", err
		}
		ctx, cancel := detach(ctx)
		defer cancel()
		result, err := do(ctx, a)
		p.settle(ctx, op, a, going, result, err)
		return result, going.Known(err)
	}
	unlock, err := p.locks.Lock(ctx, op.By.ID+"\n"+op.Key)
	if err != nil {
		return "", gone(ctx)
	}
	defer unlock()
	a, kept, err := p.begin(ctx, op)
	if err != nil {
		return "", err
	}
	if kept != nil {
		result, err := replay(*kept, op)
		if kept.Change != "" && chat.CodeOf(err) != chat.Conflict {
			op.Note(kept.Change)
		}
		return result, err
	}
	if a, err = p.attemptOf(op, a.token, a.again); err != nil {
		return "", err
	}
	ctx, cancel := detach(ctx)
	defer cancel()
	result, err := do(ctx, a)
	p.settle(ctx, op, a, going, result, err)
	return result, going.Known(err)
}

// carryOutOnce is like carryOut, for changes that have a new effect each time, such as sending.
// Without a key, a retry looks like a second change. But if a change ended with an unknown outcome,
// the next identical one within some time is its retry.
func (p *Provider) carryOutOnce(ctx context.Context, op chat.Operation, input any, do work) (string, error) {
	if op.Key != "" || op.Task != nil {
		return p.carryOut(ctx, op, do)
	}
	same, err := unkeyed(op, input)
	if err != nil {
		return "", err
	}
	return p.carryOut(ctx, op, func(ctx context.Context, a attempt) (string, error) {
		taken, found, err := p.takeUp(ctx, same)
		if err != nil {
			return "", err
		}
		if found {
			a.token, a.again = taken.Token, true
			if a.entry != nil {
				a.entry.change.ID = a.token
			}
		}
		result, err := do(ctx, a)
		if lost(err) {
			p.record(ctx, "keeping an unfinished change", func(tx *sqlstore.Tx) error {
				return tx.KeepAttempt(same, a.token, time.Now())
			})
		}
		return result, err
	})
}

// unkeyed gives an operation without a key one that is derived from its input. Callers' keys
// contain no spaces.
func unkeyed(op chat.Operation, input any) (chat.Operation, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return op, fmt.Errorf("digesting a change: %w", err)
	}
	sum := sha256.Sum256(text)
	op.Key = "unfinished " + hex.EncodeToString(sum[:])
	return op, nil
}

// takeUp takes over an unfinished change, so that only one retry does.
func (p *Provider) takeUp(ctx context.Context, op chat.Operation) (taken sqlstore.Attempt, found bool, err error) {
	since := time.Now().Add(-resendTime)
	taken, found, err = p.store.Attempt(ctx, op, since)
	if err != nil || !found {
		return taken, false, err
	}
	err = p.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		if taken, found, err = tx.Attempt(op, since); err == nil && found {
			err = tx.EndAttempt(op)
		}
		return err
	})
	return taken, found, err
}

// begin returns the stored outcome of an operation, or stores and returns its attempt.
func (p *Provider) begin(ctx context.Context, op chat.Operation) (a attempt, kept *sqlstore.Outcome, err error) {
	since := time.Now().Add(-chat.KeyLifetime)
	err = p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		a, kept = attempt{token: newToken()}, nil
		outcome, found, err := tx.Outcome(op.By.ID, op.Key, since)
		if err != nil {
			return err
		}
		if found {
			kept = &outcome
			return nil
		}
		begun, found, err := tx.Attempt(op, since)
		switch {
		case err != nil:
			return err
		case !found:
			return tx.KeepAttempt(op, a.token, time.Now())
		case begun.Name != op.Name || begun.Digest != op.Digest:
			return usedKey()
		}
		a = attempt{token: begun.Token, again: true}
		return nil
	})
	return a, kept, err
}

// settle stores the outcome of a change in its record and, if it has a key, for repeats. An unknown
// outcome isn't stored, so that the retry or [Provider.lookUp] can find it out.
func (p *Provider) settle(ctx context.Context, op chat.Operation, a attempt, going *breaker.Operation, result string, err error) {
	change, recorded := a.became(err, going.Touched())
	keep := p.keeping(op, a, result, err)
	if !recorded && keep == nil {
		return
	}
	var made chat.Change
	p.record(ctx, "keeping an outcome", func(tx *sqlstore.Tx) error {
		made = chat.Change{}
		if recorded {
			if err := p.Settle(tx, change, &made); err != nil {
				return err
			}
		}
		if keep == nil {
			return nil
		}
		id := ""
		if recorded {
			id = change.ID
		}
		return keep(tx, id)
	})
	if made.ID != "" {
		p.Recorded(ctx, op, made)
	}
}

// keeping returns a function that stores the outcome of an operation with a key for its repeats, or
// nil if there is nothing to store.
func (p *Provider) keeping(op chat.Operation, a attempt, result string, err error) func(tx *sqlstore.Tx, change string) error {
	refusal, failure := "", error(nil)
	if op.Key == "" {
		return nil
	}
	switch chat.CodeOf(err) {
	case "":
	case chat.InvalidArguments, chat.FileTypeNotSupported, chat.NotFound, chat.Conflict, chat.Unsupported:
		refusal, failure = chat.EncodeError(err)
	case chat.Unavailable, chat.Internal:
		return nil
	default:
		if a.again {
			return nil
		}
		return func(tx *sqlstore.Tx, _ string) error { return tx.EndAttempt(op) }
	}
	if failure != nil {
		p.logger.Error("an outcome can't be kept", "error", failure)
		return nil
	}
	return func(tx *sqlstore.Tx, change string) error {
		at := time.Now()
		if err := tx.EndAttempt(op); err != nil {
			return err
		}
		return tx.KeepOutcome(op, sqlstore.Outcome{Result: result, Error: refusal, Change: change}, at, at.Add(-chat.KeyLifetime))
	}
}

// record stores what is known of a finished change.
func (p *Provider) record(ctx context.Context, what string, fn func(tx *sqlstore.Tx) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxRecord)
	defer cancel()
	if err := p.store.Write(ctx, fn); err != nil {
		p.logger.Error("a record failed", "record", what, "error", err)
	}
}

func replay(kept sqlstore.Outcome, op chat.Operation) (string, error) {
	if kept.Name != op.Name || kept.Digest != op.Digest {
		return "", usedKey()
	}
	if kept.Error == "" {
		return kept.Result, nil
	}
	stored, err := chat.DecodeError(kept.Error)
	if err != nil {
		return "", err
	}
	return "", stored
}

func usedKey() error {
	return &chat.Error{
		Code:    chat.Conflict,
		Field:   "Idempotency-Key",
		Message: "This Idempotency-Key was used for another operation or input. Use a new one.",
	}
}

// detach keeps work running if the caller disconnects. The caller's deadline still applies.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(maxWork)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

func newToken() string { return uuid.Must(uuid.NewV7()).String() }
