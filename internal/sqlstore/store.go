package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"backchannel/internal/metrics"
)

// Options describe the database. One of Path, URL and Memory is required.
type Options struct {
	Path string // the SQLite file; its folder must exist
	URL  string // postgres://…; takes precedence over Path
	// ListenURL is where hints of other servers are listened for, the URL if it is "". A
	// connection pooler that gives each transaction another connection loses them.
	ListenURL string
	Memory    bool         // keep the state in memory, for emulators; it is gone once closed
	Logger    *slog.Logger // logs when the database can't be written; nil for none

	// Step is called before each statement of a write, including "COMMIT", and with "" after the
	// commit, before callers are answered. It is for tests that crash there.
	Step func(text string)

	// Bulk is for a process that mostly writes: SQLite caches 64 MB of the file instead of 8 MB.
	Bulk bool

	Clock   func() time.Time // this machine's time, for tests; nil means time.Now
	Traced  bool             // create OpenTelemetry spans of PostgreSQL's statements
	Metrics *metrics.Metrics // counts transactions, and has the database's size; nil for none
}

// Store is an open database.
type Store struct {
	OnSQLite bool    // otherwise PostgreSQL
	Hints    *Hinter // between the servers with one PostgreSQL database

	dialect dialect
	write   *sql.DB
	read    *sql.DB
	readers *readers // nil on PostgreSQL
	texts   sync.Map // SQL text → *sql.Stmt, for reading
	writer  *writer
	clock   clocks

	commonGrams commonGrams
}

// Open opens the database, updates its tables, and starts the writer. Servers that open the same
// database at the same time wait for each other.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.URL == "" && !o.Memory && lostLog(o.Path) {
		return nil, errLogLost
	}
	d, write, read, file, err := o.pools()
	if err != nil {
		return nil, err
	}
	s := &Store{OnSQLite: d.name == onSQLite.name, dialect: d, write: write, read: read}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	w := newWriter(d, write, file, o.Logger, o.Metrics)
	w.step = o.Step
	if err := w.migrate(ctx); err != nil {
		w.disconnect()
		if damaged(err) {
			err = fmt.Errorf("the database is damaged; move it away and restore a backup (backchannel restore): %w", err)
		}
		return nil, errors.Join(fmt.Errorf("bringing the %s tables up to date: %w", d.name, err), s.closePools())
	}
	if s.OnSQLite {
		s.readers = newReaders(file, maxReaders())
	} else {
		s.Hints = newHinter(o, s.Identity)
	}
	w.hints, s.writer = s.Hints, w
	go w.run()
	s.measure(o)
	s.startClocks(ctx, o)
	return s, nil
}

// Now returns this machine's time.
func (s *Store) Now() time.Time { return s.clock.own() }

// Clock returns SQL for the database's time, in microseconds since 1970.
func (s *Store) Clock() string { return s.dialect.clock }

// Close finishes the current writes and closes the database.
func (s *Store) Close() error {
	s.clock.close()
	if s.writer != nil {
		s.writer.close()
	}
	s.Hints.close()
	return s.closePools()
}

func (s *Store) closePools() error {
	return errors.Join(s.readers.close(), s.read.Close(), s.write.Close())
}

// Query runs a reading statement, which is prepared once.
func (s *Store) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	if s.readers != nil {
		return s.readers.query(ctx, text, args)
	}
	return s.Reading(ctx, func(db *sql.DB) (*sql.Rows, error) {
		stmt, ok := s.texts.Load(text)
		if !ok {
			fresh, err := db.PrepareContext(ctx, text)
			if err != nil {
				return nil, err
			}
			if stmt, ok = s.texts.LoadOrStore(text, fresh); ok {
				_ = fresh.Close()
			}
		}
		return stmt.(*sql.Stmt).QueryContext(ctx, args...)
	})
}

// Reading calls fn to read the database, and once more if an idle connection was broken by a
// restart of the database.
func (s *Store) Reading(ctx context.Context, fn func(db *sql.DB) (*sql.Rows, error)) (*sql.Rows, error) {
	for tries := 0; ; tries++ {
		rows, err := fn(s.read)
		if err == nil || tries > maxIdle || ctx.Err() != nil || !away(err) {
			return rows, err
		}
	}
}

// maxReaders returns the number of SQLite connections for reading: more than the number of cores
// would only slow the writer down.
func maxReaders() int { return max(2, runtime.GOMAXPROCS(0)) }

// Collect scans all rows of a query.
func Collect[T any](rows Rows, err error, scan func(Row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, fail(err)
	}
	defer func() { _ = rows.Close() }()
	return scanUntil(rows, scan, func(T) bool { return false })
}

// scanUntil scans rows until enough returns true.
func scanUntil[T any](rows cursor, scan func(Row) (T, error), enough func(T) bool) ([]T, error) {
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, fail(fmt.Errorf("scanning a row: %w", err))
		}
		// One row, a few, or a page: growing step by step would copy a page six times.
		switch len(list) {
		case 1:
			list = slices.Grow(list, 7)
		case 8:
			list = slices.Grow(list, 56)
		}
		list = append(list, item)
		if enough(item) {
			return list, nil
		}
	}
	return list, fail(rows.Err())
}

// First scans the only row that a query may have.
func First[T any](rows Rows, err error, scan func(Row) (T, error)) (item T, found bool, _ error) {
	list, err := Collect(rows, err, scan)
	if err != nil || len(list) == 0 {
		return item, false, err
	}
	return list[0], true, nil
}

// ScanValue scans a row of one column.
func ScanValue[T any](rows Row) (v T, err error) {
	err = rows.Scan(&v)
	return v, err
}

// Micros returns a time as the database stores it: in microseconds since 1970, 0 for none.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment converts the result of Micros back to a time.
func Moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
