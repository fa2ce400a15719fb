package stream

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// rowsAtOnce is the number of rows of jobs that are done concurrently: few, since they share
// Stream's limits with requests.
const rowsAtOnce = 2

func (p *Provider) newRunner(o Options) *job.Runner {
	return job.New(job.Options{
		Store: o.Store, Provider: p, AtOnce: rowsAtOnce, Clock: time.Now, Time: o.Store.Time, Logger: o.Logger, Metrics: o.Metrics,
		Change: p.changeHere,
		Chores: []job.Chore{{Name: "forgetting what is old", Every: forgetEvery, Do: p.forget}},
	})
}

// changeHere executes an operation whose only effect is in our own database, with its record, once
// for each key.
func (p *Provider) changeHere(ctx context.Context, op chat.Operation, fn func(*sqlstore.Tx) (string, error)) (string, error) {
	if op.Refused != nil {
		fn = func(*sqlstore.Tx) (string, error) { return "", op.Refused }
	}
	draft, err := p.Draft(op, chat.ChangeDone)
	if err != nil {
		return "", err
	}
	var made chat.Change
	var kept *sqlstore.Outcome
	var result string
	err = p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		made, kept = chat.Change{}, nil
		at := time.Now()
		since := at.Add(-chat.KeyLifetime)
		if op.Key != "" {
			outcome, found, err := tx.Outcome(op.By.ID, op.Key, since)
			if err != nil || found {
				kept = &outcome
				return err
			}
		}
		_, err := p.Keep(tx, draft, &made, func() (err error) {
			result, err = fn(tx)
			return err
		})
		if err != nil || op.Key == "" {
			return err
		}
		return tx.KeepOutcome(op, sqlstore.Outcome{Result: result, Change: draft.ID}, at, since)
	})
	switch {
	case err != nil:
		return "", err
	case kept != nil:
		op.Note(kept.Change)
		return replay(*kept, op)
	}
	p.Recorded(ctx, op, made)
	return result, nil
}

// taken is a row of a job that this server executes.
type taken struct {
	task    chat.Task
	earlier []chat.ChangeTarget // what an earlier attempt was about to change; nil for none
}

// carryOutTask executes a row of a job. Stream's effect and our row aren't one transaction, so the
// row is marked as begun first, and the work must be harmless when done twice. The targets are
// added to the job's record.
func (p *Provider) carryOutTask(ctx context.Context, op chat.Operation, do work) (string, error) {
	t := *op.Task
	row := &taken{task: t}
	err := p.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		if err = jobstore.Claim(tx, t, true); err == nil {
			row.earlier, err = jobstore.Intent(tx, t)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := detach(ctx)
	defer cancel()
	a := attempt{token: newToken(), entry: &entry{row: row}}
	result, err := do(ctx, a)
	if err != nil {
		return "", err
	}
	return result, p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := jobstore.Done(tx, t, true); err != nil || !a.entry.begun || t.ChangeNo == 0 {
			return err
		}
		return tx.RecordMore(t.Change, t.ChangeNo, func() error {
			tx.Note(a.entry.change.Targets...)
			return nil
		})
	})
}

// intendRow stores what a row is about to change. A target that has the state that an earlier
// attempt intended, and not the one before, was changed by that attempt, whose end wasn't stored: its
// record has the state before that attempt. Any other target is recorded as it is now.
func (p *Provider) intendRow(ctx context.Context, e *entry, now []state) error {
	targets := slices.Clone(e.change.Targets)
	for i := range now {
		for _, was := range e.row.earlier {
			if was.Same(targets[i]) && now[i].matches(was, was.After) && !now[i].matches(was, was.Before) {
				targets[i] = was
			}
		}
	}
	e.change.Targets = targets
	if slices.Equal(targets, e.row.earlier) {
		return nil
	}
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Intend(tx, e.row.task, targets) })
}

// settleRows finds out what became of rows whose job ended before that was known, for example since
// Stream's answer was lost and the job was then stopped: of one job, unless that is "".
func (p *Provider) settleRows(ctx context.Context, job string, since, now time.Time) error {
	list, err := jobstore.Doubts(ctx, p.store, job, since)
	for _, d := range list {
		if err == nil {
			err = p.settleRow(ctx, d, now)
		}
	}
	return err
}

// settleRow stores what a row has changed, as far as Stream's state shows it. While a call of it may
// still be under way, a row that shows no effect stays in doubt.
func (p *Provider) settleRow(ctx context.Context, d jobstore.Doubt, now time.Time) error {
	var changed []chat.ChangeTarget
	whole := true
	states, err := p.statesOf(ctx, d.Intent)
	if code := chat.CodeOf(err); code == chat.Unavailable || code == chat.RateLimited {
		return err
	}
	for i, t := range d.Intent {
		switch {
		case t.Before == t.After: // unchanged either way
		case err == nil && states[i].matches(t, t.After):
			changed = append(changed, t)
		default:
			whole = false
		}
	}
	if d.State == chat.RowBegun && !whole && now.Sub(d.Ended) < job.RowTime {
		return nil
	}
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Settle(tx, d, whole, changed) })
}

// Readers implements chat.Provider. Stream reports readers of one channel at a time only.
func (p *Provider) Readers(context.Context, string) (*chat.Readers, error) { return nil, nil }
