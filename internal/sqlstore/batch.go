package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

var (
	// errLeft: the caller of a job left while the transaction was open.
	errLeft = errors.New("a caller left before the commit")
	// errAborted: the answer to a COMMIT was lost, and the database didn't execute it.
	errAborted = errors.New("the transaction was aborted")
)

// serve runs a batch until each of its jobs has a result.
func (w *writer) serve(batch []*job) {
	if !w.together(batch) {
		for _, j := range batch {
			w.alone(j)
		}
	}
	for _, j := range batch {
		j.finish(j.err)
	}
}

// together runs the jobs in one transaction. It returns false, with nothing changed, if a job made
// the transaction fail, so that each must be run again on its own.
func (w *writer) together(jobs []*job) bool {
	err := w.transact(jobs)
	ended := false
	for tries := 1; ; {
		switch {
		case errors.Is(err, errLeft):
		case errors.Is(err, errAborted) && tries < maxTries:
			tries++
		case endedByServer(err) && !ended: // the batch as a whole may succeed now
			ended = true
		default:
			return w.conclude(jobs, err)
		}
		err = w.transact(jobs)
	}
}

// conclude sets the result of the jobs to that of their transaction. It returns false if each must
// be run again.
func (w *writer) conclude(jobs []*job, err error) bool {
	w.health.note(err)
	switch {
	case err == nil:
		return true
	case raced(err):
		jobs[0].err = err
		return false
	case len(jobs) > 1 && !away(err) && !isUnknown(err):
		return false
	}
	for _, j := range jobs {
		j.err = err
		if isUnknown(err) && !j.wrote {
			j.err = errAborted // it was refused and has changed nothing
		}
	}
	return true
}

// alone runs one job in a transaction of its own, and repeats it if it lost a race.
func (w *writer) alone(j *job) {
	for range maxTries {
		if w.together([]*job{j}) {
			return
		}
	}
}

// transact runs the jobs whose callers are still waiting and commits, or rolls back if a job fails.
// After any other failure it drops the connection, whose state is unknown.
func (w *writer) transact(jobs []*job) error {
	if !anyWaits(jobs) {
		return nil
	}
	began := time.Now()
	ctx, cancel := w.dialect.bounded()
	defer cancel()
	tx := &Tx{writer: w, ctx: ctx, jobs: make([]*job, 0, len(jobs))}
	jobs, list, cids := tx.foresee(jobs)
	found, err := w.begin(tx, list)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx.keepAhead(found, cids)
	if err = tx.runAll(jobs, cancel); err == nil {
		err = tx.finish()
	}
	if err == nil && !tx.allStay() {
		err = errLeft
	}
	if err != nil {
		w.session.forget()
		if w.exec(ctx, "ROLLBACK") != nil || readOnly(err) {
			w.disconnect()
		}
		return err
	}
	if err := w.commit(ctx, tx); err != nil {
		return err
	}
	if tx.changed {
		w.health.good()
		w.metrics.Commit(len(tx.jobs), time.Since(began), false)
	}
	for _, fn := range tx.after {
		fn()
	}
	if fn := w.committed.Load(); fn != nil {
		(*fn)()
	}
	w.hints.note(tx.logs)
	return nil
}

// begin opens a transaction and executes the declared reads. It replaces a connection that was lost
// since the last transaction, for instance by a restart of the database: nothing is in progress
// yet.
func (w *writer) begin(tx *Tx, list []reading) (found map[readKey][]any, err error) {
	for {
		fresh := w.session == nil
		if err = w.connect(tx.ctx); err == nil {
			tx.era = w.era
			tx.id, found, err = w.session.begin(tx.ctx, list)
		}
		if err == nil {
			return found, nil
		}
		if refused(err) && !readOnly(err) && w.exec(tx.ctx, "ROLLBACK") == nil {
			return nil, err
		}
		w.disconnect()
		if fresh || tx.ctx.Err() != nil {
			return nil, err
		}
	}
}

// runAll runs the jobs whose callers are still waiting.
func (tx *Tx) runAll(jobs []*job, interrupt context.CancelFunc) error {
	for i, j := range jobs {
		if i == tx.sure {
			tx.ahead = nil
		}
		if j.state.Load() == left { // its caller may be about to call the interrupt of the run that it left
			continue
		}
		j.interrupt = interrupt
		if !j.state.CompareAndSwap(waiting, running) && !j.state.CompareAndSwap(ran, running) {
			continue
		}
		tx.jobs = append(tx.jobs, j)
		tx.run(j)
		if !j.state.CompareAndSwap(running, ran) {
			j.finish(context.DeadlineExceeded)
			return errLeft
		}
		if tx.broken != nil {
			return tx.broken
		}
		if j.err != nil && tx.wrote {
			return j.err
		}
	}
	return nil
}

// finish writes what is left to write after all jobs have run.
func (tx *Tx) finish() error {
	for _, write := range []func() error{tx.indexUsers, tx.settle, tx.storeRecords, tx.logBackOffice, tx.settle} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) run(j *job) {
	tx.wrote, tx.broken, tx.recording = false, nil, nil
	promised, entries, records := len(tx.after), len(tx.desk), len(tx.records)
	if j.err = call(j.Run, tx); j.err != nil {
		tx.after, tx.desk, tx.records = tx.after[:promised], tx.desk[:entries], tx.records[:records]
	}
	j.wrote = tx.wrote
	tx.changed = tx.changed || tx.wrote
}

// call converts a panic to an error, so that a bug in one write doesn't affect the others.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			tx.broken = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
			err = tx.broken
		}
	}()
	return fn(tx)
}

// anyWaits reports whether the caller of a job is still waiting. Jobs of a transaction that was
// rolled back must run again.
func anyWaits(jobs []*job) bool {
	found := false
	for _, j := range jobs {
		j.state.CompareAndSwap(committing, ran)
		found = found || j.state.Load() != left
	}
	return found
}

// allStay reports whether the transaction may be committed, which is the case if no caller has left
// since its job ran. From then on, callers that leave are told that the outcome is unknown.
func (tx *Tx) allStay() bool {
	stay := true
	for _, j := range tx.jobs {
		if !j.state.CompareAndSwap(ran, committing) && j.wrote {
			stay = false
		}
	}
	return stay
}
