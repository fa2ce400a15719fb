package job

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup" // as in internal/stream

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/metrics"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

const (
	lookEvery = time.Second // the maximum delay of a job that another server started
	tellEvery = 250 * time.Millisecond
	maxPause  = 30 * time.Second // between two attempts while the chat can't be reached
	maxRest   = time.Second
)

// RowTime is the time limit of one attempt at a row.
const RowTime = time.Minute

// Options configure a [Runner]. All but Chores and Metrics are required.
type Options struct {
	Store    *sqlstore.Store
	Provider chat.Provider
	// Change executes an operation in a transaction that also stores its record, once for each key.
	// fn returns the operation's result.
	Change func(ctx context.Context, op chat.Operation, fn func(*sqlstore.Tx) (string, error)) (string, error)
	// AtOnce is the number of rows done concurrently.
	AtOnce int
	Clock  func() time.Time
	// Time returns the time that all servers agree on, for schedules.
	Time    func(ctx context.Context) (time.Time, error)
	Logger  *slog.Logger
	Metrics *metrics.Metrics // nil for none
	// Chores are other tasks that one server at a time does.
	Chores []Chore
}

// Chore is a periodic task.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Runner runs jobs, and implements the methods of a provider about jobs and announcements. Its
// methods may be called concurrently.
type Runner struct {
	o    Options
	hub  feed.Hub
	wake chan struct{}

	// Used only by the goroutine that runs jobs.
	duty     *Duty
	pauses   map[string]pause // of jobs that failed
	told     map[string]time.Time
	done     []time.Time // when each chore was last done
	troubles []Trouble   // of each chore
}

// pause is the time that a job waits before its next attempt.
type pause struct {
	until time.Time
	last  time.Duration
}

// New returns a runner. It does nothing until [Runner.RunJobs] is called.
func New(o Options) *Runner {
	r := &Runner{o: o, wake: make(chan struct{}, 1), duty: NewDuty(o.Store, jobstore.Lease),
		pauses: map[string]pause{}, told: map[string]time.Time{}, done: make([]time.Time, len(o.Chores))}
	for _, c := range o.Chores {
		r.troubles = append(r.troubles, Trouble{Logger: o.Logger, Chore: c.Name})
	}
	return r
}

// RunJobs runs jobs and chores until ctx ends. It starts a second after the call, so that starting
// a server is faster.
func (r *Runner) RunJobs(ctx context.Context) {
	trouble := Trouble{Logger: r.o.Logger, Chore: "looking for jobs"}
	for more := false; ctx.Err() == nil; {
		if !more {
			select {
			case <-ctx.Done():
				continue
			case <-r.wake:
			case <-time.After(lookEvery):
			}
		}
		var err error
		if more, err = r.round(ctx); err != nil {
			more = false
		}
		trouble.Note(ctx, err)
	}
	if err := r.duty.Rest(ctx); err != nil {
		r.o.Logger.Warn("a lease was not given back", "lease", jobstore.Lease, "error", err)
	}
}

// look makes the runner look for jobs immediately.
func (r *Runner) look() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// round does one step of each job that is due, and the chores that are due. It reports whether
// there is more to do.
func (r *Runner) round(ctx context.Context) (more bool, err error) {
	open, err := jobstore.Open(ctx, r.o.Store)
	if err != nil {
		return false, err
	}
	// A job that somebody paused, and has go on, doesn't wait for the end of an earlier pause.
	maps.DeleteFunc(r.pauses, func(id string, _ pause) bool {
		return !slices.ContainsFunc(open, func(j chat.Job) bool { return j.ID == id })
	})
	due, err := r.due(ctx, open)
	if err != nil {
		return false, err
	}
	if len(due) == 0 && r.dueChore() < 0 {
		return false, r.duty.Rest(ctx)
	}
	lease, held, err := r.duty.On(ctx)
	if err != nil || !held {
		return false, err
	}
	for _, j := range due {
		if err := r.step(ctx, j, lease); errors.Is(err, jobstore.ErrTaken) {
			r.duty.Lost() // or the job was stopped: the next round checks both
		} else if err != nil {
			r.rest(ctx, j, err)
		} else {
			delete(r.pauses, j.ID)
		}
		more = true
	}
	if i := r.dueChore(); i >= 0 && ctx.Err() == nil {
		r.done[i] = time.Now()
		r.troubles[i].Note(ctx, r.o.Chores[i].Do(ctx))
		more = true
	}
	return more, nil
}

// due returns the jobs of which a step is due.
func (r *Runner) due(ctx context.Context, open []chat.Job) (due []chat.Job, err error) {
	var now time.Time
	for _, j := range open {
		if j.State == chat.JobScheduled && now.IsZero() {
			if now, err = r.o.Time(ctx); err != nil {
				return nil, err
			}
		}
		if j.State == chat.JobRunning && r.pauses[j.ID].until.Before(time.Now()) ||
			j.State == chat.JobScheduled && !j.Schedule.Due().After(now) {
			due = append(due, j)
		}
	}
	return due, nil
}

// dueChore returns the index of a chore that is due, -1 if there is none.
func (r *Runner) dueChore() int {
	for i, c := range r.o.Chores {
		if time.Since(r.done[i]) >= c.Every {
			return i
		}
	}
	return -1
}

// rest makes a job wait after a failure, longer each time.
func (r *Runner) rest(ctx context.Context, j chat.Job, err error) {
	if ctx.Err() != nil {
		return
	}
	p := r.pauses[j.ID]
	p.last = min(max(2*p.last, lookEvery), maxPause)
	if e, ok := errors.AsType[*chat.Error](err); ok {
		p.last = max(p.last, e.Wait)
	}
	p.until = time.Now().Add(p.last)
	r.pauses[j.ID] = p
	r.o.Logger.Warn("a job waits", "job", j.ID, "operation", j.Operation, "pause", p.last, "error", err)
}

// step starts a job, does some of its rows, or ends it.
func (r *Runner) step(ctx context.Context, j chat.Job, lease sqlstore.Lease) error {
	if j.State == chat.JobScheduled {
		return r.begin(ctx, j)
	}
	rows, err := jobstore.Waiting(ctx, r.o.Store, j.ID, 2*r.o.AtOnce)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return r.end(ctx, j)
	}
	w, err := r.workOn(ctx, j, lease)
	if err != nil {
		return err
	}
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(r.o.AtOnce)
	for _, row := range rows {
		g.Go(func() error { return r.row(ctx, w, row) })
	}
	err = g.Wait()
	if tell := r.tell(ctx, j.ID); err == nil {
		err = tell
	}
	Yield(ctx, r.o.Store, time.Since(began))
	return err
}

// Yield sleeps for as long as a piece of work took, if requests are waiting to write.
func Yield(ctx context.Context, store *sqlstore.Store, took time.Duration) {
	if store.Waiting() == 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(took, maxRest)):
	}
}

// tell appends a job's progress to the log of jobs, from time to time.
func (r *Runner) tell(ctx context.Context, id string) error {
	if time.Since(r.told[id]) < tellEvery {
		return nil
	}
	r.told[id] = time.Now()
	return r.o.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		seq, err := jobstore.Tell(tx, id)
		tx.AfterCommit(func() { r.hub.Advance(chat.CID{}, seq) })
		return err
	})
}

// row does one row. A refusal fails only the row; an error stops the whole job.
func (r *Runner) row(ctx context.Context, w work, row chat.JobRow) error {
	ctx, cancel := context.WithTimeout(ctx, RowTime)
	defer cancel()
	err := r.do(ctx, w, row)
	switch chat.CodeOf(err) {
	case "":
		r.o.Metrics.JobRow(w.job.Operation, "done")
		return nil
	case chat.Unavailable, chat.RateLimited:
		return err
	}
	if errors.Is(err, jobstore.ErrTaken) {
		return err
	}
	r.o.Logger.Info("a row of a job failed", "job", w.job.ID, "operation", w.job.Operation, "target", row.Target, "error", err)
	r.o.Metrics.JobRow(w.job.Operation, "failed")
	failure, ok := errors.AsType[*chat.Error](err)
	if !ok {
		failure = &chat.Error{Code: chat.Internal, Message: chat.MessageOf(err)}
	}
	return r.o.Store.Write(ctx, func(tx *sqlstore.Tx) error { return jobstore.Fail(tx, w.task(row), failure) })
}

// end ends a job whose rows are all done or failed.
func (r *Runner) end(ctx context.Context, j chat.Job) error {
	delete(r.told, j.ID)
	return r.o.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		j, found, err := jobstore.Find(tx, j.ID)
		if err != nil || !found || j.State != chat.JobRunning || j.Done+j.Failed < j.Total {
			return err
		}
		state := chat.JobDone
		if j.Failed > 0 {
			state = chat.JobFailures
		}
		return r.put(tx, j, state)
	})
}

// put stores a job in its new state and informs subscribers. If that opens the job, the caller has
// called [checkRoom] before its first write.
func (r *Runner) put(tx *sqlstore.Tx, j chat.Job, to chat.JobState) error {
	j.State, j.EndedAt = to, time.Time{}
	if to == chat.JobDone || to == chat.JobFailures || to == chat.JobStopped {
		j.EndedAt = r.o.Clock()
	}
	j, err := jobstore.Put(tx, j)
	tx.AfterCommit(func() {
		r.hub.Advance(chat.CID{}, j.Seq)
		r.look()
		r.o.Logger.Info("job", "job", j.ID, "operation", j.Operation, "state", j.State, "total", j.Total, "done", j.Done, "failed", j.Failed)
	})
	return err
}

// checkRoom returns an error if a job can't go from one state to another because too many jobs are
// open. Those that are ending are about to be stopped in the same transaction.
func checkRoom(tx *sqlstore.Tx, from, to chat.JobState, ending ...chat.Job) error {
	if from.Open() || !to.Open() {
		return nil
	}
	n, err := jobstore.CountOpen(tx)
	for _, j := range ending {
		if j.State.Open() {
			n--
		}
	}
	if err == nil && n >= chat.MaxOpenJobs {
		err = conflict("id", "%d jobs are scheduled or running, and more may not be. Wait until one is done, or stop one.", n)
	}
	return err
}

// WatchJobs checks the progress of other servers, for subscribers here.
func (r *Runner) WatchJobs(ctx context.Context) error {
	if !r.hub.BackOffice() {
		return nil
	}
	end, err := jobstore.End(ctx, r.o.Store)
	if err == nil {
		r.hub.Advance(chat.CID{}, end.Seq)
	}
	return err
}

// ForgetJobs removes jobs that ended before a time, unless they are about an announcement.
func (r *Runner) ForgetJobs(ctx context.Context, before time.Time) error {
	for more := true; more; {
		err := r.o.Store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			more, err = jobstore.Forget(tx, before)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
