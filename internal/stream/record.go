package stream

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Stream's effect and our record aren't one transaction. So the record has two rows: the intended
// change is stored before the call (intend), and its outcome after the call (settle). If the
// outcome is missing, since the server died or Stream's answer was lost, Stream is asked later
// (lookUp).

const (
	lookEvery = 10 * time.Second
	looksAt   = 20             // changes at a time
	lookBack  = 24 * time.Hour // older ones are checked when the server starts
)

// entry is the record of a change in progress.
type entry struct {
	change chat.Change
	begun  bool   // the intent is stored
	row    *taken // the job's row that this is, whose intent is stored with it; nil for none
}

// attemptOf returns an attempt whose token is also the id of the record, if the operation has one.
func (p *Provider) attemptOf(op chat.Operation, token string, again bool) (attempt, error) {
	a := attempt{token: token, again: again}
	if op.Via == "" {
		return a, nil
	}
	draft, err := p.Draft(op, chat.ChangeUnknown)
	draft.ID = token
	a.entry = &entry{change: draft}
	return a, err
}

// plan is the effect of a change on one thing.
type plan struct {
	chat.ChangeTarget
	will      func(now state) state // given a copy of the current state, nil if the thing doesn't exist
	ifVersion *string               // see [chat.Operation]
	field     string                // the input field that contains it
}

func gets(fields object) func(state) state {
	return func(now state) state { return now.with(fields) }
}

func goes(state) state { return nil }

// intendTo is like intend, with plans: it also reads and returns the current states, and checks that they have
// the versions that the caller expects.
func (p *Provider) intendTo(ctx context.Context, a attempt, by chat.Actor, plans ...plan) ([]state, error) {
	targets := make([]chat.ChangeTarget, len(plans))
	for i, q := range plans {
		targets[i] = q.ChangeTarget
	}
	now, err := p.statesOf(ctx, targets)
	if err != nil {
		return nil, err
	}
	return now, p.intendFrom(ctx, a, by, now, plans...)
}

// intendFrom is intendTo for a caller that knows the current states.
func (p *Provider) intendFrom(ctx context.Context, a attempt, by chat.Actor, now []state, plans ...plan) error {
	targets := make([]chat.ChangeTarget, len(plans))
	for i, q := range plans {
		after := q.will(now[i].with(nil))
		if q.ifVersion != nil && *q.ifVersion != p.versionOf(q.Kind, now[i]) && !a.made(now[i], after) {
			return p.changedUnseen(ctx, q.ChangeTarget, by, q.field)
		}
		targets[i] = became(q.ChangeTarget, now[i], after)
	}
	return p.intend(ctx, a, now, targets)
}

// became returns a target with its state before and after a change.
func became(t chat.ChangeTarget, before, after state) chat.ChangeTarget {
	t.Before, t.After = before.without(after).encode(), after.without(before).encode()
	return t
}

// intend stores the intended change, given the targets' current states, nil if they don't matter.
func (p *Provider) intend(ctx context.Context, a attempt, now []state, targets []chat.ChangeTarget) (err error) {
	if a.entry == nil {
		return nil
	}
	due, ok := ctx.Deadline()
	if !ok {
		due = time.Now().Add(maxWork)
	}
	a.entry.change.Targets = targets
	if a.entry.row != nil {
		err = p.intendRow(ctx, a.entry, now)
	} else {
		a.entry.change, err = p.Intend(ctx, a.entry.change, due.Add(maxRecord))
	}
	a.entry.begun = err == nil
	return err
}

// tells sets the targets of a change if they weren't known when it started.
func (a attempt) tells(targets []chat.ChangeTarget) {
	if a.entry != nil {
		a.entry.change.Targets = targets
	}
}

// became returns the outcome of a change and whether it is known. partial means that a call of it
// may have changed something although it failed.
func (a attempt) became(err error, partial bool) (chat.Change, bool) {
	if a.entry == nil || !a.entry.begun || err != nil && partial {
		return chat.Change{}, false
	}
	c := a.entry.change
	c.Outcome = chat.ChangeDone
	if err != nil {
		c.Outcome = chat.ChangeFailed
	}
	return c, true
}

// lookUps asks Stream about changes without an outcome, until ctx ends.
func (p *Provider) lookUps(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for since := (time.Time{}); ; since = time.Now().Add(-lookBack) {
		if err := p.lookUp(ctx, since, time.Now()); err != nil && ctx.Err() == nil {
			p.logger.Warn("what became of a change is not known yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lookUp asks about changes and rows of jobs that ended since a time.
func (p *Provider) lookUp(ctx context.Context, since, now time.Time) error {
	for {
		list, err := p.Overdue(ctx, since, now, looksAt)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := p.findOut(ctx, c); err != nil {
				return err
			}
		}
		if len(list) < looksAt {
			return p.settleRows(ctx, "", since, now)
		}
	}
}

// findOut stores the outcome of a change, as far as Stream's state shows it.
func (p *Provider) findOut(ctx context.Context, c chat.Change) error {
	found, err := p.judged(ctx, c)
	switch chat.CodeOf(err) {
	case "":
	case chat.Unavailable, chat.RateLimited:
		return err
	default:
		found.Outcome = chat.ChangeUnknown
	}
	var made chat.Change
	err = p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		made = chat.Change{}
		if known, err := p.HasOutcome(tx, c.ID); err != nil || known {
			return err
		}
		return p.Settle(tx, found, &made)
	})
	if err == nil && made.ID != "" {
		p.Recorded(ctx, chat.Operation{}, made)
	}
	return err
}

// judged compares the targets of a change with Stream's current state. Targets that have the
// intended state, and didn't before, were changed. If a target has neither the intended nor the
// previous state, the outcome can't be determined.
func (p *Provider) judged(ctx context.Context, c chat.Change) (chat.Change, error) {
	c.Outcome = chat.ChangeUnknown
	if c.Operation == createOrUpdate && len(c.Targets) == 1 && c.Targets[0].Before == "" {
		w, found, err := p.markedChannel(ctx, c.ID)
		c.Outcome = chat.ChangeFailed
		if found {
			c.Outcome, c.Targets[0].CID = chat.ChangeDone, w.channel().CID
		}
		return c, err
	}
	now, err := p.statesOf(ctx, c.Targets)
	if err != nil {
		return c, err
	}
	c.Outcome = chat.ChangeDone
	var done []chat.ChangeTarget
	for i, t := range c.Targets {
		switch {
		case t.Before == t.After: // unchanged either way
		case now[i].matches(t, t.After):
			done = append(done, t)
		case now[i].matches(t, t.Before):
			c.Outcome = chat.ChangeFailed
		default:
			c.Outcome = chat.ChangeUnknown
			return c, nil
		}
	}
	if len(done) > 0 {
		c.Outcome, c.Targets = chat.ChangeDone, done
	}
	return c, nil
}

const createOrUpdate = "createOrUpdateChannel"
