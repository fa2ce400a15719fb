package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Row is what a scan function reads from.
type Row interface{ Scan(dest ...any) error }

// cursor goes through the rows of a query.
type cursor interface {
	Row
	Next() bool
	Err() error
}

// session runs the writer's statements on the driver itself, each prepared once.
// database/sql's layer between would cost as much again as a small statement.
type session interface {
	exec(ctx context.Context, text string, args []any) (changed int64, err error)
	query(ctx context.Context, text string, args []any) (c cursor, end func(), err error)
	// put runs a statement whose outcome isn't needed before flush.
	put(ctx context.Context, text string, args []any) error
	flush(ctx context.Context) error
	forget() // what was put since
	// ask runs queries in one round trip.
	ask(ctx context.Context, list []reading) (map[readKey]any, error)
	close() // leaves the connection open
}

// newSession takes the driver's connection out of one that its caller keeps, for
// itself alone.
func newSession(conn *sql.Conn) (s session, err error) {
	err = conn.Raw(func(c any) error {
		switch c := c.(type) {
		case *stdlib.Conn:
			s = &postgresSession{conn: c.Conn()}
		case driver.ConnPrepareContext:
			s = &sqliteSession{conn: c, stmts: map[string]sqliteStmt{}}
		default:
			return fmt.Errorf("a driver of the type %T", c)
		}
		return nil
	})
	return s, err
}

type postgresSession struct {
	conn *pgx.Conn
	puts pgx.Batch // that wait for flush
}

func (s *postgresSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	tag, err := s.conn.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

func (s *postgresSession) query(ctx context.Context, text string, args []any) (cursor, func(), error) {
	if err := s.flush(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := s.conn.Query(ctx, text, args...) //nolint:sqlclosecheck // the caller closes it
	return rows, rows.Close, err
}

func (s *postgresSession) put(_ context.Context, text string, args []any) error {
	s.puts.Queue(text, args...)
	return nil
}

func (s *postgresSession) flush(ctx context.Context) error {
	if s.puts.Len() == 0 {
		return nil
	}
	puts := s.puts
	s.puts = pgx.Batch{}
	return s.conn.SendBatch(ctx, &puts).Close()
}

func (s *postgresSession) forget() { s.puts = pgx.Batch{} }

func (s *postgresSession) ask(ctx context.Context, list []reading) (map[readKey]any, error) {
	var batch pgx.Batch
	found := make(map[readKey]any, len(list))
	for _, r := range list {
		batch.Queue(r.text, r.args...).Query(func(rows pgx.Rows) (err error) {
			found[r.key], err = r.scan(rows)
			return err
		})
	}
	return found, s.conn.SendBatch(ctx, &batch).Close()
}

func (s *postgresSession) close() {}

type sqliteSession struct {
	conn  driver.ConnPrepareContext
	stmts map[string]sqliteStmt
	args  []driver.NamedValue // of the present statement
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (s *sqliteSession) prepare(ctx context.Context, text string) (sqliteStmt, error) {
	if stmt, ok := s.stmts[text]; ok {
		return stmt, nil
	}
	prepared, err := s.conn.PrepareContext(ctx, unnumbered(text))
	if err != nil {
		return nil, err
	}
	stmt, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a statement of the type %T", prepared), prepared.Close())
	}
	s.stmts[text] = stmt
	return stmt, nil
}

var parameter = regexp.MustCompile(`\$\d+`)

// unnumbered writes ? for parameters that come each once and in order: the driver asks
// for the name of any other, each time.
func unnumbered(text string) string {
	for i, p := range parameter.FindAllString(text, -1) {
		if p != "$"+strconv.Itoa(i+1) {
			return text
		}
	}
	return parameter.ReplaceAllString(text, "?")
}

func (s *sqliteSession) bind(args []any) (err error) {
	s.args = s.args[:0]
	for i, a := range args {
		v := driver.NamedValue{Ordinal: i + 1, Value: a}
		switch a := a.(type) {
		case string, int64, bool, nil:
		case int:
			v.Value = int64(a)
		default:
			if v.Value, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return err
			}
		}
		s.args = append(s.args, v)
	}
	return nil
}

func (s *sqliteSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	stmt, err := s.prepare(ctx, text)
	if err == nil {
		err = s.bind(args)
	}
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, s.args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *sqliteSession) query(ctx context.Context, text string, args []any) (cursor, func(), error) {
	stmt, err := s.prepare(ctx, text)
	if err == nil {
		err = s.bind(args)
	}
	if err != nil {
		return nil, nil, err
	}
	rows, err := stmt.QueryContext(ctx, s.args)
	if err != nil {
		return nil, nil, err
	}
	c := &sqliteCursor{rows: rows, values: make([]driver.Value, len(rows.Columns()))}
	return c, func() { _ = rows.Close() }, nil
}

func (s *sqliteSession) put(ctx context.Context, text string, args []any) error {
	_, err := s.exec(ctx, text, args)
	return err
}

func (s *sqliteSession) flush(context.Context) error { return nil }

func (s *sqliteSession) forget() {}

func (s *sqliteSession) ask(context.Context, []reading) (map[readKey]any, error) { return nil, nil }

func (s *sqliteSession) close() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
}

type sqliteCursor struct {
	rows   driver.Rows
	values []driver.Value
	err    error
}

func (c *sqliteCursor) Next() bool {
	c.err = c.rows.Next(c.values)
	return c.err == nil
}

func (c *sqliteCursor) Err() error {
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}

// Scan implements row.
func (c *sqliteCursor) Scan(dest ...any) error {
	if len(dest) != len(c.values) {
		return fmt.Errorf("a row of %d columns, of which %d are wanted", len(c.values), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, c.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign stores what SQLite gives as what we want.
func assign(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *int:
		if n, ok := v.(int64); ok {
			*d = int(n)
			return nil
		}
	case *bool:
		if n, ok := v.(int64); ok {
			*d = n != 0
			return nil
		}
	case *any:
		*d = v
		return nil
	case sql.Scanner:
		return d.Scan(v)
	}
	return assignKind(reflect.ValueOf(dest).Elem(), v)
}

// assignKind stores a value in a variable of a named type.
func assignKind(dest reflect.Value, v driver.Value) error {
	from := reflect.ValueOf(v)
	switch kind := dest.Kind(); {
	case kind == reflect.String && from.Kind() == reflect.String:
		dest.SetString(from.String())
	case dest.CanInt() && from.CanInt():
		dest.SetInt(from.Int())
	case kind == reflect.Float64 && from.Kind() == reflect.Float64:
		dest.SetFloat(from.Float())
	default:
		return fmt.Errorf("a value of the type %T can't be stored as %s", v, dest.Type())
	}
	return nil
}
