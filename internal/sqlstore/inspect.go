package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// Inspect opens a database for reading: nothing is written, and its tables aren't migrated. It
// refuses a database whose tables have another version than this program's. [Store.Write] of the
// returned store fails.
func Inspect(ctx context.Context, o Options) (*Store, error) {
	if o.URL == "" && lostLog(o.Path) {
		return nil, errLogLost
	}
	d, db, err := o.readingPool()
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: d, write: db, read: db}
	s.clock.own = time.Now
	if err := s.checkVersion(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// readingPool opens an existing database: a wrong path must not create an empty one.
func (o Options) readingPool() (dialect, *sql.DB, error) {
	if o.URL != "" {
		db, err := sql.Open(onPostgres.driver, o.URL)
		if err != nil {
			err = fmt.Errorf("reading the database URL: %w", err)
		}
		return onPostgres, db, err
	}
	if _, err := os.Stat(o.Path); err != nil {
		return onSQLite, nil, err
	}
	db, err := sql.Open(onSQLite.driver, existing(o.Path).dsn(toRead))
	if err != nil {
		err = fmt.Errorf("opening %s: %w", o.Path, err)
	}
	return onSQLite, db, err
}

// ErrNotOurs is the error for a database without Backchannel's tables.
var ErrNotOurs = errors.New("it has no tables of Backchannel")

func (s *Store) checkVersion(ctx context.Context) error {
	var there bool
	if err := s.read.QueryRowContext(ctx, s.dialect.hasTable, "migrations").Scan(&there); err != nil {
		return err
	}
	if !there {
		return ErrNotOurs
	}
	rows, err := s.read.QueryContext(ctx, doneMigrations)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	missing, err := missingMigrations(rows)
	if err != nil || len(missing) == 0 {
		return err
	}
	return fmt.Errorf("its tables lack version %d: use the program that it belongs to, or bring it up to date with backchannel migrate",
		missing[0].version)
}

// snapshot starts a transaction that reads one consistent state.
func (s *Store) snapshot(ctx context.Context) (*sql.Tx, error) {
	isolation := sql.LevelDefault // on SQLite every transaction is a snapshot
	if s.dialect.name == onPostgres.name {
		isolation = sql.LevelRepeatableRead
	}
	return s.read.BeginTx(ctx, &sql.TxOptions{Isolation: isolation, ReadOnly: true})
}
