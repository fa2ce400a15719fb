package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

const (
	maxQueue = 4096 // waiting writes; further ones wait outside the queue
	maxBatch = 512  // writes that share a transaction
	maxTries = 5    // for a write that keeps losing races against other processes
)

// Write runs fn in a transaction and returns once its result is durable.
//
// Concurrent calls share a transaction and its single fsync, but each succeeds or fails on its own.
// An fn that fails before it has changed anything costs the others nothing, so it should check
// first and write last. fn may be run more than once, so it must not change anything but tx and
// variables that it sets each time. Its error is returned unchanged if it is a *chat.Error.
//
// Write returns when ctx ends, even if the database is locked or frozen. If ctx was canceled, it
// still waits until the deadline for a write that has started. Unless an error's Outcome is
// chat.OutcomeUnknown, nothing of the change is stored or will be.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return s.Do(ctx, Job{Run: fn})
}

// Do is like [Store.Write], for a job.
func (s *Store) Do(ctx context.Context, j Job) error {
	if r, has := ctx.Value(sharedKey{}).(*SharedRecord); has {
		j = r.job(j)
	}
	return fail(s.writer.do(ctx, j))
}

// OnCommit makes the store call fn after each durable transaction, after all functions passed to
// [Tx.AfterCommit]. fn must not block.
func (s *Store) OnCommit(fn func()) { s.writer.committed.Store(&fn) }

// Waiting returns the number of writes that are waiting.
func (s *Store) Waiting() int { return len(s.writer.queue) }

// writer is the goroutine that writes, and its queue.
type writer struct {
	dialect dialect
	db      *sql.DB    // PostgreSQL
	file    sqliteFile // or SQLite
	hints   *Hinter    // sends hints about commits; nil on SQLite
	queue   chan *job
	closing chan struct{}
	closed  chan struct{}
	once    sync.Once

	session session   // nil before the first use and after a failure
	conn    *sql.Conn // of a session on PostgreSQL
	era     string    // of the server, see postgresEra
	pace    pace
	step    func(text string) // see [Options]

	committed atomic.Pointer[func()] // see [Store.OnCommit]

	health  health
	metrics *metrics.Metrics
}

// job is a call of Write.
type job struct {
	Job
	interrupt context.CancelFunc // interrupts what Run waits for; set before it runs
	state     atomic.Int32
	done      chan struct{}
	err       error // may be read once done is closed

	wrote    bool // Run has changed something
	finished bool // done is closed
}

// The states of a job. Its caller may leave in any of them, see [job.leave].
const (
	waiting    int32 = iota // it hasn't started
	running                 // Run is running
	ran                     // Run has returned, others of its batch may be running
	committing              // its transaction is being committed
	left                    // its caller has left
)

// newWriter returns a writer that isn't running yet.
func newWriter(d dialect, db *sql.DB, file sqliteFile, logger *slog.Logger, m *metrics.Metrics) *writer {
	return &writer{
		dialect: d,
		db:      db,
		file:    file,
		queue:   make(chan *job, maxQueue),
		closing: make(chan struct{}),
		closed:  make(chan struct{}),
		health:  health{logger: logger, metrics: m, changed: make(chan struct{}, 1)},
		metrics: m,
	}
}

func (w *writer) do(ctx context.Context, what Job) error {
	j := &job{Job: what, done: make(chan struct{})}
	select {
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case w.queue <- j:
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		err := j.leave(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			w.health.late()
		}
		return err
	case <-w.closed:
		if j.state.CompareAndSwap(waiting, left) {
			return errClosed
		}
	}
	<-j.done
	return j.err
}

// leave withdraws the job if possible, and returns what is known about its outcome. If the caller
// has only disconnected, a job that has started isn't withdrawn, so that the other jobs of its
// transaction don't have to run again.
func (j *job) leave(ctx context.Context) error {
	if j.state.CompareAndSwap(waiting, left) {
		return ctx.Err()
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		j.await(ctx)
	}
	for { // the state may be changing
		select {
		case <-j.done:
			return j.err
		default:
		}
		switch {
		case j.state.CompareAndSwap(waiting, left), j.state.CompareAndSwap(ran, left):
			return context.DeadlineExceeded
		case j.state.CompareAndSwap(running, left): // Run may still set its caller's variables
			j.interrupt()
			<-j.done
			return j.err
		case j.state.CompareAndSwap(committing, left):
			return chat.Undecided(context.DeadlineExceeded)
		}
	}
}

// await waits for the job's end, but not beyond ctx's deadline.
func (j *job) await(ctx context.Context) {
	var late <-chan time.Time
	if deadline, ok := ctx.Deadline(); ok {
		late = time.After(time.Until(deadline))
	}
	select {
	case <-j.done:
	case <-late:
	}
}

// finish passes the result to the caller.
func (j *job) finish(err error) {
	if !j.finished {
		j.finished, j.err = true, err
		close(j.done)
	}
}

// close lets the waiting jobs finish and stops the writer.
func (w *writer) close() {
	w.once.Do(func() { close(w.closing) })
	<-w.closed
}

func (w *writer) run() {
	defer close(w.closed)
	defer w.disconnect()
	batch := make([]*job, 0, maxBatch)
	for {
		select {
		case j := <-w.queue:
			batch = w.gather(append(batch[:0], j), w.pace.patience())
		case <-w.health.changed:
			continue
		case <-w.health.due():
			batch = append(batch[:0], probe())
		case <-w.closing:
			if batch = w.drain(batch[:0]); len(batch) == 0 {
				return
			}
		}
		began := time.Now()
		w.serve(batch)
		w.pace.served(len(batch), len(w.queue), time.Since(began))
		clear(batch)
	}
}

// drain takes the queued jobs without waiting for more: under load the next batch accumulates while
// this one is written to disk.
func (w *writer) drain(batch []*job) []*job {
	for len(batch) < maxBatch {
		select {
		case j := <-w.queue:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) connect(ctx context.Context) error {
	if w.session != nil {
		return nil
	}
	if w.dialect.name == onSQLite.name {
		local, err := w.file.open(toWrite)
		if err == nil {
			w.session = watched(local, w.step)
		}
		return err
	}
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	remote, err := newPostgresSession(ctx, conn)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	w.session, w.conn, w.era = watched(remote, w.step), conn, postgresEra(ctx, conn)
	return nil
}

func (w *writer) disconnect() {
	if w.session == nil {
		return
	}
	w.session.close()
	if w.conn != nil {
		_ = w.conn.Close()
	}
	w.session, w.conn = nil, nil
}

func (w *writer) exec(ctx context.Context, text string) error {
	_, err := w.session.exec(ctx, text, nil)
	return err
}
