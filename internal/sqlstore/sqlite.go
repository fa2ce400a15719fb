package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	gosqlite "modernc.org/sqlite"     // SQLite without cgo, so that the binary is static; BSD-3
	"zombiezen.com/go/sqlite"         // the same SQLite without database/sql, which costs as much time as SQLite itself; ISC
	"zombiezen.com/go/sqlite/sqlitex" // its helpers
)

// sqliteFile is the file of a SQLite database and the setup of its connections.
type sqliteFile struct {
	uri     string
	pragmas []string
}

func fileAt(path string) sqliteFile {
	return sqliteFile{uriOf(path), []string{"busy_timeout(5000)", "journal_mode(wal)", "cache_size(-8000)", "temp_store(memory)"}}
}

// existing returns a file that is opened as it is: it isn't created, and its journal mode isn't
// changed.
func existing(path string) sqliteFile {
	return sqliteFile{uriOf(path) + "?mode=rw", []string{"busy_timeout(5000)", "temp_store(memory)"}}
}

func uriOf(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// inMemory returns a database that exists as long as a connection to it.
func inMemory() sqliteFile {
	return sqliteFile{"file:/" + rand.Text() + "?vfs=memdb", []string{"busy_timeout(5000)"}}
}

// The PRAGMA of connections that write and of those that read.
const (
	toWrite = "synchronous(full)"
	toRead  = "query_only(true)"
)

// dsn returns the name of the file for database/sql, with an additional PRAGMA.
func (f sqliteFile) dsn(pragma string) string {
	q := url.Values{"_pragma": append(slices.Clip(f.pragmas), pragma)}
	separator := "?"
	if strings.Contains(f.uri, "?") {
		separator = "&"
	}
	return f.uri + separator + q.Encode()
}

// open opens a connection with an additional PRAGMA.
func (f sqliteFile) open(pragma string) (*sqliteSession, error) {
	conn, err := sqlite.OpenConn(f.uri, sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenURI)
	if err != nil {
		return nil, err
	}
	for _, p := range append(slices.Clip(f.pragmas), pragma) {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+p, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return &sqliteSession{conn: conn, stmts: map[string]*sqlite.Stmt{}}, nil
}

// sqliteCode returns SQLite's code of an error, 0 if it isn't an error of SQLite.
func sqliteCode(err error) sqlite.ResultCode {
	if e, ok := errors.AsType[*gosqlite.Error](err); ok { // from database/sql
		return sqlite.ResultCode(e.Code())
	}
	if code := sqlite.ErrCode(err); code != sqlite.ResultError {
		return code
	}
	return sqlite.ResultOK
}

// sqliteSession is a connection to SQLite. A statement's values are kept until the next ones:
// SQLite plans some statements again after they were cleared.
type sqliteSession struct {
	conn  *sqlite.Conn
	stmts map[string]*sqlite.Stmt
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// prepare returns a statement with bound values. In SQLite ?1 is the first value, and $1 is a name.
func (s *sqliteSession) prepare(text string, args []any) (*sqlite.Stmt, error) {
	stmt, ok := s.stmts[text]
	if !ok {
		var err error
		if stmt, err = s.conn.Prepare(parameter.ReplaceAllString(text, "?$1")); err != nil {
			return nil, err
		}
		s.stmts[text] = stmt
	}
	for i, a := range args {
		if err := bind(stmt, i+1, a); err != nil {
			return nil, err
		}
	}
	return stmt, nil
}

func bind(stmt *sqlite.Stmt, n int, value any) error {
	switch v := value.(type) {
	case nil:
		stmt.BindNull(n)
	case string:
		stmt.BindText(n, v)
	case int64:
		stmt.BindInt64(n, v)
	case bool:
		stmt.BindBool(n, v)
	case float64:
		stmt.BindFloat(n, v)
	case []byte:
		stmt.BindBytes(n, v)
	default:
		plain, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return err
		}
		if reflect.TypeOf(plain) == reflect.TypeOf(v) {
			return fmt.Errorf("a parameter of the type %T", v)
		}
		return bind(stmt, n, plain)
	}
	return nil
}

func (s *sqliteSession) exec(_ context.Context, text string, args []any) (int64, error) {
	stmt, err := s.prepare(text, args)
	if err != nil {
		return 0, err
	}
	for row := true; row; {
		if row, err = stmt.Step(); err != nil {
			return 0, err
		}
	}
	return int64(s.conn.Changes()), stmt.Reset()
}

func (s *sqliteSession) query(_ context.Context, text string, args []any) (cursor, func(), error) {
	stmt, err := s.prepare(text, args)
	if err != nil {
		return nil, nil, err
	}
	return &sqliteCursor{stmt: stmt}, func() { _ = stmt.Reset() }, nil
}

func (s *sqliteSession) put(ctx context.Context, text string, args []any) error {
	_, err := s.exec(ctx, text, args)
	return err
}

func (s *sqliteSession) once(_ context.Context, text string) error {
	return sqlitex.ExecuteTransient(s.conn, text, nil)
}

func (s *sqliteSession) forget() {}

func (s *sqliteSession) begin(ctx context.Context, list []reading) (id string, found map[readKey][]any, err error) {
	if _, err := s.exec(ctx, onSQLite.begin, nil); err != nil {
		return "", nil, err
	}
	found = make(map[readKey][]any, len(list))
	for _, r := range list {
		rows, end, err := s.query(ctx, r.text, r.args)
		if err != nil {
			return "", nil, err
		}
		items, err := scanUntil(rows, r.scan, func(any) bool { return false })
		end()
		if err != nil {
			return "", nil, err
		}
		found[r.key] = items
	}
	return "", found, nil
}

func (s *sqliteSession) commit(ctx context.Context) error {
	_, err := s.exec(ctx, "COMMIT", nil)
	return err
}

func (s *sqliteSession) close() { _ = s.conn.Close() }

type sqliteCursor struct {
	stmt *sqlite.Stmt
	err  error
}

func (c *sqliteCursor) Next() bool {
	var row bool
	row, c.err = c.stmt.Step()
	return row
}

func (c *sqliteCursor) Err() error { return c.err }

// Scan implements Row. Unlike SQLite it doesn't convert null to "" or 0.
func (c *sqliteCursor) Scan(dest ...any) error {
	if n := c.stmt.DataCount(); len(dest) != n {
		return fmt.Errorf("a row of %d columns, of which %d are wanted", n, len(dest))
	}
	for i, d := range dest {
		if err := c.assign(i, d); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func (c *sqliteCursor) assign(i int, dest any) error {
	kind := c.stmt.ColumnType(i)
	switch d := dest.(type) {
	case *string:
		if kind == sqlite.TypeText {
			*d = c.stmt.ColumnText(i)
			return nil
		}
	case *int64:
		if kind == sqlite.TypeInteger {
			*d = c.stmt.ColumnInt64(i)
			return nil
		}
	case *bool:
		if kind == sqlite.TypeInteger {
			*d = c.stmt.ColumnBool(i)
			return nil
		}
	case *any:
		*d = c.value(i)
		return nil
	case sql.Scanner:
		return d.Scan(c.value(i))
	}
	return assignKind(reflect.ValueOf(dest).Elem(), c.value(i))
}

// value returns a column's value as database/sql would return it.
func (c *sqliteCursor) value(i int) any {
	switch c.stmt.ColumnType(i) {
	case sqlite.TypeInteger:
		return c.stmt.ColumnInt64(i)
	case sqlite.TypeFloat:
		return c.stmt.ColumnFloat(i)
	case sqlite.TypeText:
		return c.stmt.ColumnText(i)
	case sqlite.TypeBlob:
		b := make([]byte, c.stmt.ColumnLen(i))
		c.stmt.ColumnBytes(i, b)
		return b
	default:
		return nil
	}
}

// assignKind stores a value in a variable of a named or smaller type.
func assignKind(dest reflect.Value, v any) error {
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
