package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid" // version 7: ids ordered by time keep the index small; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// Ledger has the records in one store. Its methods may be called concurrently.
type Ledger struct {
	store  *sqlstore.Store
	log    sqlstore.ChangeLog
	logger *slog.Logger
	now    func() time.Time
	hub    feed.Hub
}

// New returns the ledger of a store.
func New(store *sqlstore.Store, logger *slog.Logger, now func() time.Time) *Ledger {
	return &Ledger{store: store, log: sqlstore.ChangesIn(store), logger: logger, now: now}
}

// Draft returns the record of an operation, with a new id.
func (l *Ledger) Draft(op chat.Operation, outcome chat.ChangeOutcome) (chat.Change, error) {
	id, err := newID()
	return chat.Change{ID: id, Operation: op.Name, By: op.By.ID, Source: op.Source, Outcome: outcome, Undoes: op.Undoes}, err
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making a change's id: %w", err)
	}
	return id.String(), nil
}

// Keep runs fn and stores the record of its changes, as [sqlstore.Tx.Record] does. made is set to
// the record once the transaction is durable.
func (l *Ledger) Keep(tx *sqlstore.Tx, draft chat.Change, made *chat.Change, fn func() error) (bool, error) {
	draft.At = l.now()
	return tx.Record(draft, fn, l.kept(made))
}

// kept returns a function that sets made to a durable record.
func (l *Ledger) kept(made *chat.Change) func(c chat.Change) {
	return func(c chat.Change) {
		*made = c
		l.hub.Advance(chat.CID{}, c.Seq)
	}
}

// Recording returns a context under which all writes go into one record of the operation. The
// caller must call done after the last write: it copies the record to the log.
func (l *Ledger) Recording(ctx context.Context, op chat.Operation) (recording context.Context, done func(), err error) {
	draft, err := l.Draft(op, chat.ChangeDone)
	if err != nil {
		return nil, nil, err
	}
	draft.At = l.now()
	recording, shared := sqlstore.WithRecord(ctx, draft, func(c chat.Change) { l.hub.Advance(chat.CID{}, c.Seq) })
	return recording, func() {
		c, parts := shared.Stored()
		if c == nil {
			return
		}
		if parts > 1 {
			if whole, err := l.Change(context.WithoutCancel(ctx), c.ID); err == nil {
				c = &whole
			}
		}
		l.Recorded(ctx, op, *c)
	}, nil
}

// Intend stores that a change is about to be made in a remote chat, and returns its record. If an
// earlier attempt stored it, that record is returned. After due, whoever makes the change has
// certainly stopped.
func (l *Ledger) Intend(ctx context.Context, c chat.Change, due time.Time) (stored chat.Change, err error) {
	c.At = l.now()
	err = l.store.Write(ctx, func(tx *sqlstore.Tx) error {
		stored, err = l.log.Intend(tx, c, due)
		return err
	})
	return stored, err
}

// Settle stores the outcome of an intended change, in a row of its own. If an outcome is stored
// already, the new one gets a new id: it belongs to a later repeat.
func (l *Ledger) Settle(tx *sqlstore.Tx, c chat.Change, made *chat.Change) error {
	known, err := l.HasOutcome(tx, c.ID)
	if err == nil && known {
		c.ID, err = newID()
	}
	if err != nil {
		return err
	}
	targets := c.Targets
	c.Targets = nil
	_, err = tx.Record(c, func() error {
		tx.Note(targets...)
		return nil
	}, l.kept(made))
	return err
}

// HasOutcome reports whether the outcome of a change is stored.
func (l *Ledger) HasOutcome(tx *sqlstore.Tx, id string) (bool, error) {
	return l.log.HasOutcome(tx, id)
}

// Overdue returns the first changes intended since a time that have no outcome, and that are
// certainly no longer being made.
func (l *Ledger) Overdue(ctx context.Context, since, now time.Time, limit int) ([]chat.Change, error) {
	return l.log.Overdue(ctx, since, now, limit)
}

// Recorded writes a durable record to the log, without the states, since users' texts must not be
// logged. It passes the id to the operation's Noted.
func (l *Ledger) Recorded(ctx context.Context, op chat.Operation, c chat.Change) {
	targets := make([]string, len(c.Targets))
	for i, t := range c.Targets {
		targets[i] = t.String()
	}
	l.logger.LogAttrs(ctx, slog.LevelInfo, "change", slog.String("change", c.ID), slog.String("operation", c.Operation),
		slog.String("by", c.By), slog.String("via", string(c.Via)), slog.String("outcome", string(c.Outcome)), slog.String("undoes", c.Undoes),
		slog.String("reason", c.Reason), slog.String("request_id", c.RequestID), slog.String("remote", c.Address),
		slog.Int64("target_count", c.TargetCount), slog.String("targets", strings.Join(targets, ", ")))
	op.Note(c.ID)
}

// RecordChange implements chat.Provider.
func (l *Ledger) RecordChange(ctx context.Context, op chat.Operation, outcome chat.ChangeOutcome, targets ...chat.ChangeTarget) error {
	c, err := l.Draft(op, outcome)
	if err != nil {
		return err
	}
	var made chat.Change
	err = l.store.Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := l.Keep(tx, c, &made, func() error {
			tx.Note(targets...)
			return nil
		})
		return err
	})
	if err == nil {
		l.Recorded(ctx, op, made)
	}
	return err
}

// Changes implements chat.Provider.
func (l *Ledger) Changes(ctx context.Context, q chat.ChangeQuery) (chat.Page[chat.Change], error) {
	list, err := l.log.List(ctx, q)
	page := chat.Page[chat.Change]{Items: list, HasPrevious: q.After != 0}
	if len(list) > q.Limit {
		page.Items, page.HasNext = list[:q.Limit], true
	}
	return page, err
}

// Change implements chat.Provider.
func (l *Ledger) Change(ctx context.Context, id string) (chat.Change, error) {
	c, found, err := l.log.One(ctx, id)
	if err == nil && !found {
		err = chat.Missing("id", "There is no such change, or no longer.")
	}
	return c, err
}

// Whole returns one record with all of its targets; NotFound.
func (l *Ledger) Whole(ctx context.Context, id string) (chat.Change, error) {
	c, found, err := l.log.Whole(ctx, id)
	if err == nil && !found {
		err = chat.Missing("change", "There is no such change, or no longer.")
	}
	return c, err
}

// SubscribeChanges implements chat.Provider.
func (l *Ledger) SubscribeChanges(ctx context.Context, after *int64) (chat.Feed, error) {
	return l.hub.Open(ctx, chat.CID{}, feed.Log{End: l.log.End, Read: l.log.Events}, after)
}

// Watch checks the progress of other processes, for subscribers here.
func (l *Ledger) Watch(ctx context.Context) error {
	if !l.hub.BackOffice() {
		return nil
	}
	end, err := l.log.End(ctx)
	if err == nil {
		l.hub.Advance(chat.CID{}, end.Seq)
	}
	return err
}

// Forget removes records from before a time, a few in each transaction.
func (l *Ledger) Forget(ctx context.Context, before time.Time) error {
	for more := true; more; {
		err := l.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			more, err = tx.ForgetChanges(before)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
