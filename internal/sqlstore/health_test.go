package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/logtest"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A database that can't be written isn't ready, from the first failed write until one
// succeeds, which the store tries by itself.
func TestReadyOnlyIfWritesSucceed(t *testing.T) {
	for what, row := range map[string]struct {
		want    string
		within  time.Duration // the caller's deadline
		prepare func(t *testing.T, where *sqlstore.Options) (spoil, mend func(s *sqlstore.Store))
	}{
		"a full disk":                     {"The database's disk is full.", time.Minute, fullDisk},
		"a read-only PostgreSQL":          {"The database is read-only.", time.Minute, readOnlyPostgres},
		"a damaged file":                  {"The database is damaged.", time.Minute, damagedFile},
		"a lock":                          {"Another process has locked the database.", time.Minute, lockedFile},
		"a lock that outlasts the caller": {"The database doesn't finish writes in time.", time.Second / 4, lockedFile},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			log := &logtest.Log{}
			figures := metrics.New("test")
			where := sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db"), Logger: slog.New(slog.NewTextHandler(log, nil)), Metrics: figures}
			spoil, mend := row.prepare(t, &where)
			s := open(t, where)
			if err := s.Write(t.Context(), addUser("before")); err != nil {
				t.Fatal(err)
			}
			spoil(s)
			ctx, cancel := context.WithTimeout(t.Context(), row.within)
			defer cancel()
			if err := s.Write(ctx, addUser(strings.Repeat("meanwhile", 10_000))); err == nil {
				t.Fatal("a write succeeds")
			}
			if got := chat.MessageOf(s.Ready(t.Context())); got != row.want {
				t.Errorf("ready: %q, want %q", got, row.want)
			}
			if writable, failed := metricstest.Read(t, figures, "database_writable"), metricstest.Read(t, figures, "commit_failures_total"); writable != 0 || failed < 1 && row.within == time.Minute {
				t.Errorf("the figures: writable is %v, and %v commits failed", writable, failed)
			}
			if got := strings.Count(log.String(), "can't be written"); got != 1 || !strings.Contains(log.String(), row.want) {
				t.Errorf("logged %d times, want once, with the reason:\n%s", got, log)
			}
			if mend == nil {
				return
			}
			mend(s)
			for until := time.Now().Add(10 * time.Second); s.Ready(t.Context()) != nil; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("still not ready: %v\n%s", s.Ready(t.Context()), log)
				}
			}
			if !strings.Contains(log.String(), "can be written again") {
				t.Errorf("that it is over is not logged:\n%s", log)
			}
			if metricstest.Read(t, figures, "database_writable") != 1 {
				t.Error("the figures say that it can't be written still")
			}
		})
	}
}

// Requests read before they write. So a PostgreSQL that is gone is noticed though no commit fails,
// by reading the figures alone.
func TestFiguresOfADatabaseThatIsGone(t *testing.T) {
	t.Parallel()
	log, figures := &logtest.Log{}, metrics.New("test")
	p := newProxy(t, pgtest.OpenCluster(t).Socket)
	open(t, sqlstore.Options{URL: p.url(), Logger: slog.New(slog.NewTextHandler(log, nil)), Metrics: figures})
	expect := func(writable float64, said string) {
		t.Helper()
		for until := time.Now().Add(30 * time.Second); metricstest.Read(t, figures, "database_writable") != writable; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("writable isn't %v:\n%s", writable, log)
			}
		}
		if got := strings.Count(log.String(), said); said != "" && got != 1 {
			t.Errorf("%q is logged %d times:\n%s", said, got, log)
		}
	}
	expect(1, "")
	p.refuse(true)
	p.cutAll()
	expect(0, "the database can't be written")
	p.refuse(false)
	expect(1, "the database can be written again")
}

// fullDisk bounds the pages that the file may have. The store's own probe finds room
// in those it has.
func fullDisk(t *testing.T, _ *sqlstore.Options) (spoil, mend func(*sqlstore.Store)) {
	return func(s *sqlstore.Store) {
		if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.Pragma("PRAGMA max_page_count = 1") }); err != nil {
			t.Fatal(err)
		}
	}, func(*sqlstore.Store) {}
}

func readOnlyPostgres(t *testing.T, where *sqlstore.Options) (spoil, mend func(*sqlstore.Store)) {
	where.URL = pgtest.Open(t)
	admin, err := sql.Open("pgx", where.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	set := func(value string) func(*sqlstore.Store) {
		return func(*sqlstore.Store) {
			for _, text := range []string{
				"SET default_transaction_read_only = off",
				`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ` + value + `', current_database()); END $$`,
				`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND '` + value + `' = 'on'`,
			} {
				if _, err := admin.ExecContext(context.Background(), text); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return set("on"), set("off")
}

func damagedFile(t *testing.T, where *sqlstore.Options) (spoil, mend func(*sqlstore.Store)) {
	return func(s *sqlstore.Store) {
		if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.Pragma("PRAGMA cache_size = 0") }); err != nil {
			t.Fatal(err)
		}
		other, conn := connectTo(t, where.Path)
		defer func() { _ = other.Close() }()
		if _, err := conn.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(where.Path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(bytes.Repeat([]byte{0xaa}, int(info.Size())-4096), 4096); err != nil { // the first page stays
			t.Fatal(err)
		}
	}, nil
}

func lockedFile(t *testing.T, where *sqlstore.Options) (spoil, mend func(*sqlstore.Store)) {
	unlock := func() {}
	return func(*sqlstore.Store) { unlock = lock(t, where.Path) }, func(*sqlstore.Store) { unlock() }
}
