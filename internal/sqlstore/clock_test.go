package sqlstore_test

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/logtest"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A server whose clock differs from PostgreSQL's is reported, and removes nothing by it.
func TestClocksAreCompared(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t)
	for what, off := range map[string]time.Duration{"right": 0, "ahead": 40 * 24 * time.Hour, "behind": -time.Hour} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			log, figures := &logtest.Log{}, metrics.New("test")
			s := open(t, sqlstore.Options{URL: url, Logger: slog.New(slog.NewTextHandler(log, nil)), Metrics: figures,
				Clock: func() time.Time { return time.Now().Add(off) }})
			if got := metricstest.Read(t, figures, "clock_offset_seconds"); math.Abs(got-off.Seconds()) > 1 {
				t.Errorf("the figure is %v, want %v", got, off.Seconds())
			}
			if warned := strings.Contains(log.String(), "clock differs from PostgreSQL's"); warned != (off != 0) {
				t.Errorf("logged: %s", log)
			}
			past, err := s.RetentionTime(t.Context())
			if err != nil || time.Since(past).Abs() > time.Minute {
				t.Errorf("old data is removed by the time %v (%v)", past, err)
			}
			if now, err := s.Time(t.Context()); err != nil || time.Since(now).Abs() > time.Minute {
				t.Errorf("schedules go by %v (%v)", now, err)
			}
		})
	}
}

// A clock that jumps ahead doesn't make everything old at once: somebody has a day to correct it.
func TestClockThatJumps(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	start := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	now := start
	log, figures := &logtest.Log{}, metrics.New("test")
	s := open(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db"), Logger: slog.New(slog.NewTextHandler(log, nil)), Metrics: figures,
		Clock: func() time.Time { return now }})
	warnings := 0
	for _, step := range []struct {
		at, want time.Duration // since the start
		warned   bool
	}{
		{at: 0, want: 0},
		{at: day, want: day},
		{at: 1000 * day, want: day, warned: true},
		{at: 1000*day + 23*time.Hour, want: day},
		{at: 2 * day, want: 2 * day}, // corrected
		{at: day, want: day},
		{at: 3 * day, want: 3 * day},
		{at: 1000 * day, want: 3 * day, warned: true},
		{at: 900 * day, want: 3 * day, warned: true}, // corrected, but not enough
		{at: 901*day - time.Minute, want: 3 * day},
		{at: 901 * day, want: 901 * day}, // nobody corrects it
		{at: 902 * day, want: 902 * day},
	} {
		now = start.Add(step.at)
		got, err := s.RetentionTime(t.Context())
		if err != nil || !got.Equal(start.Add(step.want)) {
			t.Errorf("after %v old data is removed by the time %v, want %v (%v)", step.at, got, start.Add(step.want), err)
		}
		held := 0.0
		if step.want != step.at {
			held = 1
		}
		if figure := metricstest.Read(t, figures, "retention_held"); figure != held {
			t.Errorf("after %v the figure is %v", step.at, figure)
		}
		if step.warned {
			warnings++
		}
		if n := strings.Count(log.String(), "the clock has jumped ahead"); n != warnings {
			t.Errorf("after %v there are %d warnings, want %d", step.at, n, warnings)
		}
	}
}

// A lease that was given while the clock was years ahead doesn't last for years.
func TestLeaseFromAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	for what, where := range map[string]sqlstore.Options{"SQLite": {Path: filepath.Join(t.TempDir(), "chat.db")}, "PostgreSQL": {URL: pgtest.Open(t)}} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := open(t, where)
			take := func(owner string) (l sqlstore.Lease, taken bool) {
				t.Helper()
				if err := s.Write(t.Context(), func(tx *sqlstore.Tx) (err error) {
					l, taken, err = tx.TakeLease("work", owner, time.Minute)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				return l, taken
			}
			first, taken := take("killed")
			if _, both := take("other"); !taken || both {
				t.Fatalf("the first owner: %v, the other one: %v", taken, both)
			}
			if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
				return tx.Exec(`UPDATE leases SET until = until + 300000000000000`)
			}); err != nil {
				t.Fatal(err)
			}
			if _, taken := take("other"); !taken {
				t.Error("the lease can't be taken")
			}
			if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
				if held, err := tx.HoldsLease(first); held || err != nil {
					t.Errorf("the first owner still has it: %v, %v", held, err)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A young database that was copied without its write-ahead log isn't taken for a new one. A file
// that a server has just made is.
func TestDatabaseWithoutItsLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "chat.db"), filepath.Join(folder, "copy.db")
	s := open(t, sqlstore.Options{Path: path})
	if err := s.Write(t.Context(), addUser("anna")); err != nil {
		t.Fatal(err)
	}
	duplicate := func(suffix string) {
		t.Helper()
		data, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(copied+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	duplicate("")
	for range 2 { // also the second time, so the first one left the file as it was
		if again, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: copied}); err == nil {
			t.Errorf("it is opened, with %d users", countUsers(t, again))
			_ = again.Close()
		} else if !strings.Contains(err.Error(), "write-ahead log is lost") {
			t.Errorf("opening it: %v", err)
		}
	}
	if _, err := sqlstore.Inspect(t.Context(), sqlstore.Options{Path: copied}); err == nil || !strings.Contains(err.Error(), "write-ahead log is lost") {
		t.Errorf("inspecting it: %v", err)
	}
	duplicate("-wal")
	if n := countUsers(t, open(t, sqlstore.Options{Path: copied})); n != 1 {
		t.Errorf("with its log it has %d users", n)
	}
	if err := os.WriteFile(filepath.Join(folder, "empty.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, sqlstore.Options{Path: filepath.Join(folder, "empty.db")})
}
