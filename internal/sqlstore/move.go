package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// MovedTable is the verified content of a table, the same on both sides.
type MovedTable struct {
	Name string
	Rows int64
	Hash string // SHA-256 of all rows by primary key, in hexadecimal
}

// Move copies the SQLite database at path into an empty PostgreSQL database, table by table, in one
// transaction: an error leaves nothing behind. It reads each table back and compares the number of
// rows and their hash. During that time nobody can write to the SQLite database, which isn't
// changed.
func Move(ctx context.Context, path, url string, moved func(MovedTable)) error {
	from, err := Inspect(ctx, Options{Path: path})
	if err != nil {
		return fmt.Errorf("opening the SQLite database: %w", err)
	}
	defer func() { _ = from.Close() }()
	if err := makeTables(ctx, url); err != nil {
		return err
	}
	to, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = to.Close(context.WithoutCancel(ctx)) }()
	locked, err := holdWriters(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = locked.Close() }()
	m := move{from: from, to: to, moved: moved}
	return m.run(ctx)
}

func makeTables(ctx context.Context, url string) error {
	s, err := Open(ctx, Options{URL: url})
	if err != nil {
		return fmt.Errorf("making the tables in PostgreSQL: %w", err)
	}
	return s.Close()
}

// holdWriters keeps everybody from writing to the SQLite database until it is closed.
func holdWriters(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open(onSQLite.driver, existing(path).dsn(toWrite))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(fmt.Errorf("locking the SQLite database: %w", err), db.Close())
	}
	return db, nil
}

type move struct {
	from  *Store
	to    *pgx.Conn
	moved func(MovedTable)
}

func (m move) run(ctx context.Context) error {
	source, err := m.from.snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = source.Rollback() }()
	tables, err := m.from.dialect.tables(ctx, source)
	if err != nil {
		return err
	}
	tx, err := m.to.Begin(ctx)
	if err != nil {
		return fmt.Errorf("beginning in PostgreSQL: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, t := range tables {
		if t.name == "migrations" { // both sides are the same, since both were checked
			continue
		}
		found, err := t.move(ctx, source, tx)
		if err != nil {
			return fmt.Errorf("moving the table %s: %w", t.name, err)
		}
		m.moved(found)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("committing in PostgreSQL: %w", err)
	}
	_, err = m.to.Exec(ctx, "ANALYZE")
	return err
}

// move copies one table and verifies the result.
func (t table) move(ctx context.Context, source *sql.Tx, tx pgx.Tx) (MovedTable, error) {
	if err := t.makeRoom(ctx, tx); err != nil {
		return MovedTable{}, err
	}
	rows, err := source.QueryContext(ctx, t.inOrder())
	if err != nil {
		return MovedTable{}, err
	}
	defer func() { _ = rows.Close() }()
	sent := &rowSource{rows: rows, table: t, sum: sha256.New()}
	n, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, sent)
	if err != nil {
		return MovedTable{}, errors.Join(sent.err, err)
	}
	if err := rows.Err(); err != nil {
		return MovedTable{}, err
	}
	there, sum, err := t.hash(ctx, tx)
	if err != nil {
		return MovedTable{}, fmt.Errorf("reading it back: %w", err)
	}
	want := hex.EncodeToString(sent.sum.Sum(nil))
	if there != sent.n || n != sent.n || sum != want {
		return MovedTable{}, fmt.Errorf("%d rows with the hash %s were sent, and %d with %s are there", sent.n, want, there, sum)
	}
	return MovedTable{Name: t.name, Rows: n, Hash: want}, nil
}

// makeRoom refuses a table that has rows, except for the counters of an empty database.
func (t table) makeRoom(ctx context.Context, tx pgx.Tx) error {
	if t.name == "counters" {
		_, err := tx.Exec(ctx, `DELETE FROM counters`)
		return err
	}
	var used bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`).Scan(&used); err != nil {
		return err
	}
	if used {
		return errors.New("the PostgreSQL database has rows in it already: give an empty one")
	}
	return nil
}

func (t table) inOrder() string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = `"` + c + `"`
	}
	return `SELECT ` + strings.Join(quoted, ", ") + ` FROM ` + t.name + ` ORDER BY ` + strings.Join(t.key, ", ")
}

func (t table) hash(ctx context.Context, tx pgx.Tx) (n int64, sum string, err error) {
	rows, err := tx.Query(ctx, t.inOrder())
	if err != nil {
		return 0, "", err
	}
	defer rows.Close()
	h := sha256.New()
	for ; rows.Next(); n++ {
		values, err := rows.Values()
		if err == nil {
			err = hashRow(h, values)
		}
		if err != nil {
			return 0, "", err
		}
	}
	return n, hex.EncodeToString(h.Sum(nil)), rows.Err()
}

// rowSource passes the rows of a query to COPY and hashes them.
type rowSource struct {
	rows   *sql.Rows
	table  table
	sum    hash.Hash
	n      int64
	values []any
	err    error
}

// Next implements pgx.CopyFromSource.
func (s *rowSource) Next() bool {
	if s.err != nil || !s.rows.Next() {
		s.err = errors.Join(s.err, s.rows.Err())
		return false
	}
	s.values = make([]any, len(s.table.columns))
	fields := make([]any, len(s.values))
	for i := range fields {
		fields[i] = &s.values[i]
	}
	if s.err = s.rows.Scan(fields...); s.err == nil {
		s.err = s.convert()
	}
	if s.err == nil {
		s.err = hashRow(s.sum, s.values)
		s.n++
	}
	return s.err == nil
}

// convert converts a row for PostgreSQL, or returns an error that names the row.
func (s *rowSource) convert() error {
	for i, v := range s.values {
		if n, ok := v.(int64); ok && s.table.yesNo[i] {
			s.values[i] = n != 0
		}
		if text, ok := v.(string); ok && (strings.ContainsRune(text, 0) || strings.ToValidUTF8(text, "") != text) {
			return fmt.Errorf("the row %v: %s has characters that PostgreSQL doesn't take (NUL, or not UTF-8)", s.keyOf(), s.table.columns[i])
		}
	}
	return nil
}

func (s *rowSource) keyOf() (key []any) {
	for _, column := range s.table.key {
		key = append(key, s.values[slices.Index(s.table.columns, column)])
	}
	return key
}

// Values implements pgx.CopyFromSource.
func (s *rowSource) Values() ([]any, error) { return s.values, nil }

// Err implements pgx.CopyFromSource.
func (s *rowSource) Err() error { return s.err }

// hashRow adds a row to a hash, so that rows with different values never have the same input.
func hashRow(h hash.Hash, values []any) error {
	buffer := make([]byte, 0, 256)
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			buffer = append(buffer, 'n')
		case bool:
			number := uint64(0)
			if v {
				number = 1
			}
			buffer = binary.BigEndian.AppendUint64(append(buffer, 'i'), number)
		case int64:
			buffer = binary.BigEndian.AppendUint64(append(buffer, 'i'), uint64(v))
		case float64:
			buffer = binary.BigEndian.AppendUint64(append(buffer, 'f'), math.Float64bits(v))
		case string:
			buffer = append(binary.BigEndian.AppendUint64(append(buffer, 's'), uint64(len(v))), v...)
		case []byte:
			buffer = append(binary.BigEndian.AppendUint64(append(buffer, 'b'), uint64(len(v))), v...)
		default:
			return fmt.Errorf("a value of the type %T can't be hashed", v)
		}
	}
	_, err := h.Write(buffer)
	return err
}
