package stream

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// rowsAtOnce is how many rows of jobs are done at the same time: few, since people's calls
// share Stream's limits with them.
const rowsAtOnce = 2

func (p *Provider) newRunner(o Options) *job.Runner {
	return job.New(job.Options{
		Store: o.Store, Provider: p, AtOnce: rowsAtOnce, Clock: time.Now, Logger: o.Logger, Metrics: o.Metrics,
		Change: p.changeHere,
		Chores: []job.Chore{{Name: "forgetting what is old", Every: forgetEvery, Do: p.forget}},
	})
}

// changeHere carries out an operation whose whole effect is in our own database, with its
// record, and once for each key.
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

// carryOutTask does a row of a job. Stream's effect and our row are not one transaction, so
// the row is noted as begun before it, and the work must do no harm when done twice. What the
// row did is added to the job's record.
func (p *Provider) carryOutTask(ctx context.Context, op chat.Operation, do work) (string, error) {
	t := *op.Task
	if err := p.store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Claim(tx, t, true) }); err != nil {
		return "", err
	}
	ctx, cancel := detach(ctx)
	defer cancel()
	a := attempt{token: newToken(), entry: &entry{part: true}}
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

// Readers implements chat.Provider. Stream tells it of one channel at a time only.
func (p *Provider) Readers(context.Context, string) (*chat.Readers, error) { return nil, nil }
