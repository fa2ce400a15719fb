package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const (
	maxQueue = 4096 // writes that may wait; a further one waits outside the queue
	maxBatch = 512  // writes that share a transaction
	maxTries = 5    // of a write that keeps losing against other processes
)

// Write runs fn in a transaction and returns once its outcome is durable.
//
// Concurrent calls share a transaction and its one fsync; each still stands or
// falls alone. An fn that fails before it has changed anything costs the others
// nothing, so it should check first and write last. fn may be run more than once,
// each time on a clean slate, so it must not touch anything but tx and variables
// that it sets anew. Its error is returned as it is, if it is a *chat.Error.
//
// When ctx ends first, Write either takes fn back before it began or waits for
// its outcome: a caller never learns less than what happened.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return fail(s.writer.do(ctx, fn))
}

// writer is the one goroutine that writes, and its queue.
type writer struct {
	dialect dialect
	db      *sql.DB
	queue   chan *job
	closing chan struct{}
	closed  chan struct{}
	once    sync.Once

	conn  *sql.Conn            // nil until first used, and after a failure
	stmts map[string]*sql.Stmt // prepared on conn
}

// job is one call of Write.
type job struct {
	fn    func(*Tx) error
	err   error
	state atomic.Int32
	done  chan struct{}
}

const (
	waiting   = iota
	taken     // the writer has begun it
	takenBack // its caller no longer wants it
)

func newWriter(d dialect, db *sql.DB) *writer {
	w := &writer{
		dialect: d,
		db:      db,
		queue:   make(chan *job, maxQueue),
		closing: make(chan struct{}),
		closed:  make(chan struct{}),
	}
	go w.run()
	return w
}

func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	j := &job{fn: fn, done: make(chan struct{})}
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
		if j.state.CompareAndSwap(waiting, takenBack) {
			return ctx.Err()
		}
	case <-w.closed:
		if j.state.CompareAndSwap(waiting, takenBack) {
			return errClosed
		}
	}
	<-j.done
	return j.err
}

// close lets the jobs that wait finish and stops the writer.
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
			batch = w.drain(append(batch[:0], j))
		case <-w.closing:
			if batch = w.drain(batch[:0]); len(batch) == 0 {
				return
			}
		}
		w.serve(batch)
		clear(batch)
	}
}

// drain takes what has queued up, without waiting for more: under load the next
// batch gathers while this one is on its way to the disk.
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

func (w *writer) serve(batch []*job) {
	mine := batch[:0]
	for _, j := range batch {
		if j.state.CompareAndSwap(waiting, taken) {
			mine = append(mine, j)
		}
	}
	if len(mine) == 0 {
		return
	}
	if !w.together(mine) {
		for _, j := range mine {
			w.alone(j)
		}
	}
	for _, j := range mine {
		close(j.done)
	}
}

// together runs the jobs in one transaction. It reports false, with nothing
// changed, where they have to be run again, each alone: one of them spoilt the
// transaction for the others.
func (w *writer) together(jobs []*job) bool {
	ctx, cancel := w.dialect.bounded()
	defer cancel()
	err := w.transact(ctx, func(tx *Tx) error {
		for _, j := range jobs {
			tx.wrote, tx.broken = false, nil
			promised := len(tx.after)
			if j.err = call(j.fn, tx); j.err != nil {
				tx.after = tx.after[:promised]
			}
			if tx.broken != nil {
				return tx.broken
			}
			if j.err != nil && tx.wrote {
				return j.err
			}
		}
		return nil
	})
	switch {
	case err == nil:
		return true
	case raced(err):
		jobs[0].err = err
		return false
	case len(jobs) > 1 && !away(err):
		return false
	}
	for _, j := range jobs {
		j.err = err
	}
	return true
}

// alone runs one job in a transaction of its own, again where it lost a race.
func (w *writer) alone(j *job) {
	for range maxTries {
		if w.together([]*job{j}) {
			return
		}
	}
}

// transact commits what fn did, or rolls it back if fn fails. After any other
// failure the connection is given up, since its state isn't known.
func (w *writer) transact(ctx context.Context, fn func(*Tx) error) error {
	if err := w.begin(ctx); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := &Tx{writer: w, ctx: ctx}
	if err := fn(tx); err != nil {
		if w.exec(ctx, "ROLLBACK") != nil {
			w.disconnect()
		}
		return err
	}
	if err := w.exec(ctx, "COMMIT"); err != nil {
		_ = w.exec(ctx, "ROLLBACK")
		w.disconnect()
		return fmt.Errorf("committing: %w", err)
	}
	for _, fn := range tx.after {
		fn()
	}
	return nil
}

// begin opens a transaction. A connection that was lost since the last one, say
// because the database was restarted, is replaced: nothing is under way yet.
func (w *writer) begin(ctx context.Context) error {
	for {
		fresh := w.conn == nil
		err := w.connect(ctx)
		if err == nil {
			err = w.exec(ctx, w.dialect.begin)
		}
		if err == nil {
			return nil
		}
		w.disconnect()
		if fresh || ctx.Err() != nil {
			return err
		}
	}
}

func (w *writer) connect(ctx context.Context) (err error) {
	if w.conn == nil {
		w.stmts = map[string]*sql.Stmt{}
		w.conn, err = w.db.Conn(ctx)
	}
	return err
}

func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	for _, stmt := range w.stmts {
		_ = stmt.Close()
	}
	_ = w.conn.Close()
	w.conn, w.stmts = nil, nil
}

func (w *writer) exec(ctx context.Context, text string) error {
	stmt, err := w.prepare(ctx, text)
	if err == nil {
		_, err = stmt.ExecContext(ctx)
	}
	return err
}

func (w *writer) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := w.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err == nil {
		w.stmts[text] = stmt
	}
	return stmt, err
}

// call turns a panic into an error, so that a bug in one write spares the rest.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			tx.broken = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
			err = tx.broken
		}
	}()
	return fn(tx)
}
