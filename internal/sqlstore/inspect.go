package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// Inspect opens a database to look at it: nothing is written, not even its tables are
// brought up to date. It refuses a database whose tables are of another version than
// this program's. The store can't [Store.Write].
func Inspect(ctx context.Context, o Options) (*Store, error) {
	d, db, err := o.readingPool()
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: d, write: db, read: db}
	if err := s.checkVersion(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// readingPool opens what exists already: a wrong path must not make an empty database.
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

// ErrNotOurs is why a database can't be inspected that has no tables of Backchannel.
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

// snapshot begins a transaction in which nothing changes while it is read.
func (s *Store) snapshot(ctx context.Context) (*sql.Tx, error) {
	isolation := sql.LevelDefault // on SQLite every transaction is one
	if s.dialect.name == onPostgres.name {
		isolation = sql.LevelRepeatableRead
	}
	return s.read.BeginTx(ctx, &sql.TxOptions{Isolation: isolation, ReadOnly: true})
}
