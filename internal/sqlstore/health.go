package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

// probeEvery is how often a write is attempted while writes fail.
const probeEvery = time.Second

// health records whether the last commit that changed something succeeded.
type health struct {
	logger  *slog.Logger
	metrics *metrics.Metrics
	changed chan struct{} // makes the writer call due again

	mu    sync.Mutex
	err   error // why writes fail; nil if they succeed
	since time.Time
	next  time.Time // of the next probe
}

var errLate = errors.New("a write wasn't done by its deadline")

// late records that a caller left at its deadline without a result, as all callers do while the
// writer waits for a frozen disk or a lock. A known failure is kept, since it says more.
func (h *health) late() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.fail(errLate)
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// lost records that a read found no database, as all requests do that read before they write. A
// write is attempted from now on.
func (h *health) lost(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return
	}
	h.fail(err)
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// note records the result of a transaction. Only failures of the database count, not errors of a
// write.
func (h *health) note(err error) {
	if err == nil || raced(err) || !away(err) && !damaged(err) && !isUnknown(err) {
		return
	}
	h.metrics.Commit(0, 0, true)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fail(err)
}

func (h *health) fail(err error) {
	if h.err == nil {
		h.since = time.Now()
		h.logger.Error("the database can't be written", "reason", reason(err), "cause", err)
	}
	h.err, h.next = err, time.Now().Add(probeEvery)
}

// good records that a change was committed.
func (h *health) good() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		h.logger.Info("the database can be written again", "after", time.Since(h.since).Round(time.Millisecond))
	}
	h.err = nil
}

// settled records the outcome of a COMMIT whose answer was lost.
func (h *health) settled(lost, outcome error) {
	word := "committed"
	switch {
	case isUnknown(outcome):
		word = "unknown"
	case outcome != nil:
		word = "aborted"
	}
	h.logger.Warn("the answer to a COMMIT was lost", "outcome", word, "cause", lost)
}

// due ticks when a probe should be written; never while writes succeed.
func (h *health) due() <-chan time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		return nil
	}
	return time.After(time.Until(h.next))
}

func (h *health) failure() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// probe returns a write that changes nothing but touches the disk.
func probe() *job {
	return &job{done: make(chan struct{}), Job: Job{Run: func(tx *Tx) error {
		_, err := tx.Change(`UPDATE migrations SET version = version`)
		return err
	}}}
}

// Ready returns nil if the database can be read and written. It counts as not writable from a
// failed commit, a caller's expired deadline, or a call of Ready that can't reach it, until a commit
// succeeds, which is attempted every second. The error's message is safe to show.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.ChannelsVersion(ctx)
	if err != nil && away(err) && !errors.Is(err, errClosed) && ctx.Err() == nil {
		s.writer.health.lost(err)
	}
	if err == nil {
		err = s.writer.health.failure()
	}
	if err == nil {
		return nil
	}
	return &chat.Error{Code: chat.Unavailable, Message: reason(err), Cause: err}
}

// reason describes what is wrong with the database, without internal details.
func reason(err error) string {
	if errors.Is(err, errLate) {
		return "The database doesn't finish writes in time."
	}
	if code := sqliteCode(err).ToPrimary(); code != sqlite.ResultOK {
		return sqliteReason(code)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case e.Code == "53100":
			return diskFull
		case e.Code == "25006":
			return isReadOnly
		case hasAnyPrefix(e.Code, "XX001", "XX002"):
			return isDamaged
		}
	}
	return "The database can't be reached."
}

const (
	diskFull   = "The database's disk is full."
	isReadOnly = "The database is read-only."
	isDamaged  = "The database is damaged."
)

func sqliteReason(code sqlite.ResultCode) string {
	switch code {
	case sqlite.ResultFull:
		return diskFull
	case sqlite.ResultReadOnly:
		return isReadOnly
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return isDamaged
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return "Another process has locked the database."
	}
	return "The database's file can't be written."
}

// damaged reports whether the database file itself is damaged.
func damaged(err error) bool {
	if code := sqliteCode(err).ToPrimary(); code == sqlite.ResultCorrupt || code == sqlite.ResultNotADB {
		return true
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && hasAnyPrefix(e.Code, "XX001", "XX002")
}
