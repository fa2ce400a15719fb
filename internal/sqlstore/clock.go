package sqlstore

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	compareEvery = time.Minute
	compareWait  = 2 * time.Second // time limit for PostgreSQL's answers
	compareTries = 3
	clockOff     = 5 * time.Second // difference from PostgreSQL's clock that is logged: half of what tokens are allowed

	// A clock that jumps ahead must not empty the bin. So if the time since the last removal of old
	// data is longer than clockJump, nothing more counts as old for jumpHold.
	clockJump = 48 * time.Hour
	jumpHold  = 24 * time.Hour
)

// clocks has what is known about this machine's clock.
type clocks struct {
	own    func() time.Time
	logger *slog.Logger
	ahead  atomic.Int64 // nanoseconds by which it was ahead of PostgreSQL's at the last comparison
	off    bool         // a warning about that was logged
	held   atomic.Int64 // until when no more data counts as old, by this clock in microseconds; 0 for not at all
	stop   context.CancelFunc
	done   chan struct{} // closed when comparing has ended; nil on SQLite
}

// startClocks compares this machine's clock with PostgreSQL's, now and every minute.
func (s *Store) startClocks(ctx context.Context, o Options) {
	c := &s.clock
	c.logger = o.Logger
	if c.own = o.Clock; c.own == nil {
		c.own = time.Now
	}
	o.Metrics.Gauge("retention_held", "1 while data doesn't become old, because the clock has jumped ahead by days or no server has run for days, else 0.", func() float64 {
		if c.own().UnixMicro() < c.held.Load() {
			return 1
		}
		return 0
	})
	if s.OnSQLite {
		return
	}
	o.Metrics.Gauge("clock_offset_seconds", "How far this server's clock is ahead of PostgreSQL's; negative if it is behind.",
		func() float64 { return time.Duration(c.ahead.Load()).Seconds() })
	s.compareClocks(ctx)
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		ticker := time.NewTicker(compareEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.compareClocks(ctx)
			}
		}
	}()
}

func (c *clocks) close() {
	if c.done != nil {
		c.stop()
		<-c.done
	}
}

// compareClocks notes how far this machine's clock is ahead of PostgreSQL's. PostgreSQL is supposed
// to have answered in the middle of the fastest of a few round trips. A database that can't be
// reached is reported elsewhere.
func (s *Store) compareClocks(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, compareWait)
	defer cancel()
	var fastest, ahead time.Duration
	for i := range compareTries {
		begun := s.clock.own()
		there, err := s.Time(ctx)
		if err != nil {
			return
		}
		if took := s.clock.own().Sub(begun); i == 0 || took < fastest {
			fastest, ahead = took, begun.Add(took/2).Sub(there)
		}
	}
	s.clock.note(ahead)
}

func (c *clocks) note(ahead time.Duration) {
	c.ahead.Store(int64(ahead))
	switch {
	case !c.off && ahead.Abs() > clockOff:
		c.off = true
		c.logger.Warn("this server's clock differs from PostgreSQL's: tokens are checked and messages dated by it",
			"ahead_seconds", ahead.Round(time.Millisecond).Seconds())
	case c.off && ahead.Abs() < clockOff/2: // half, so that a difference near the limit isn't logged every minute
		c.off = false
		c.logger.Info("this server's clock agrees with PostgreSQL's again")
	}
}

// Time returns the time that all servers with one database agree on: PostgreSQL's, or this
// machine's on SQLite.
func (s *Store) Time(ctx context.Context) (time.Time, error) {
	if s.OnSQLite {
		return s.clock.own(), nil
	}
	rows, err := s.Query(ctx, `SELECT `+s.dialect.clock)
	now, _, err := First(rows, err, ScanValue[int64])
	return Moment(now), err
}

// retention is the state of [Store.RetentionTime], in microseconds.
type retention struct {
	reached int64 // the time up to which data has become old
	held    int64 // when it was found that the clock had jumped ahead; 0 if it hasn't
}

// at returns the state at a time.
func (r retention) at(now int64) retention {
	if now < r.held {
		r.held = 0 // the clock was set back
	}
	switch {
	case r.reached == 0 || now-r.reached <= clockJump.Microseconds():
		return retention{reached: now}
	case r.held == 0:
		return retention{r.reached, now}
	case now-r.held < jumpHold.Microseconds():
		return r
	}
	return retention{reached: now}
}

const (
	retentionReached = "retention_reached"
	retentionHeld    = "retention_held"
)

// RetentionTime returns the current time for removing old data. It is by the database's clock, so
// that a server whose clock is ahead removes nothing early. If the clock has jumped ahead since the
// last call, it is the time before that until the clock has stayed so for a day: somebody may
// correct it. It is the same if no server has run for days, or an old backup was restored.
func (s *Store) RetentionTime(ctx context.Context) (time.Time, error) {
	var now int64
	var before, after retention
	err := s.Write(ctx, func(tx *Tx) (err error) {
		before = retention{}
		if now, err = tx.now(s.clock.own); err != nil {
			return err
		}
		list, err := TxCollect(tx, scanCounter, `SELECT name, value FROM counters WHERE name IN ('`+retentionReached+`', '`+retentionHeld+`')`)
		if err != nil {
			return err
		}
		for _, c := range list {
			if c.name == retentionReached {
				before.reached = c.value
			} else {
				before.held = c.value
			}
		}
		after = before.at(now)
		_, err = tx.Change(`INSERT INTO counters (name, value) VALUES ('`+retentionReached+`', $1), ('`+retentionHeld+`', $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, after.reached, after.held)
		return err
	})
	if err != nil {
		return time.Time{}, err
	}
	if s.clock.held.Store(0); after.held != 0 {
		s.clock.held.Store(s.clock.own().UnixMicro() + after.held + jumpHold.Microseconds() - now)
	}
	if after.held != 0 && after.held != before.held {
		s.clock.logger.Warn("the clock has jumped ahead, or no server has run for days: if it is wrong, set it back; until then nothing more becomes old and is removed",
			"last", Moment(after.reached), "now", Moment(now), "until", Moment(now).Add(jumpHold))
	}
	return Moment(after.reached), nil
}

type counter struct {
	name  string
	value int64
}

func scanCounter(rows Row) (c counter, err error) {
	err = rows.Scan(&c.name, &c.value)
	return c, err
}

// now returns the time that all servers agree on.
func (tx *Tx) now(own func() time.Time) (int64, error) {
	if tx.writer.dialect.name == onSQLite.name {
		return own().UnixMicro(), nil
	}
	now, _, err := TxFirst(tx, ScanValue[int64], `SELECT `+tx.writer.dialect.clock)
	return now, err
}
