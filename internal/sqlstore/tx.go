package sqlstore

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// Tx is one write's view of the transaction that it shares. It is valid only
// within the function given to [Store.Write].
type Tx struct {
	writer  *writer
	ctx     context.Context
	id      string // PostgreSQL's, "" on SQLite
	era     string // of the server that gave the id
	jobs    []*job // that have run
	wrote   bool   // the present job has changed something
	changed bool   // any job has
	proof   *proof
	broken  error                // a statement of the present job failed
	after   []func()             // of all jobs so far
	users   map[string]chat.User // that EnsureUser has seen
}

// proof is a query that has a row only if the transaction was committed.
type proof struct {
	text string
	args []any
}

// provedBy notes a query that has a row only if the transaction was committed. The
// first is enough.
func (tx *Tx) provedBy(text string, args ...any) {
	if tx.proof == nil {
		tx.proof = &proof{text, args}
	}
}

// AfterCommit has fn called once the transaction is durable, before the write's
// caller hears of it, and in the order of the writes. It must not block. Nothing
// is called where the write came to nothing.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// query reads.
func (tx *Tx) query(text string, args ...any) (*sql.Rows, error) {
	if err := checkText(args); err != nil {
		return nil, err
	}
	stmt, err := tx.writer.prepare(tx.ctx, text)
	if err == nil {
		var rows *sql.Rows
		if rows, err = stmt.QueryContext(tx.ctx, args...); err == nil {
			return rows, nil
		}
	}
	tx.broken = err
	return nil, err
}

// change runs a statement that writes, and returns how many rows it changed.
func (tx *Tx) change(text string, args ...any) (int64, error) {
	if err := checkText(args); err != nil {
		return 0, err
	}
	stmt, err := tx.writer.prepare(tx.ctx, text)
	if err != nil {
		tx.broken = err
		return 0, fail(err)
	}
	result, err := stmt.ExecContext(tx.ctx, args...)
	if err != nil {
		tx.broken = err
		return 0, fail(err)
	}
	n, err := result.RowsAffected()
	tx.wrote = tx.wrote || n > 0
	return n, fail(err)
}

// returning runs a statement that writes and scans its RETURNING row, if it
// changed one.
func returning[T any](tx *Tx, scan func(*sql.Rows) (T, error), text string, args ...any) (T, bool, error) {
	item, found, err := txFirst(tx, scan, text, args...)
	tx.wrote = tx.wrote || found
	return item, found, err
}

// txFirst scans the one row that a reading statement may have.
func txFirst[T any](tx *Tx, scan func(*sql.Rows) (T, error), text string, args ...any) (T, bool, error) {
	rows, err := tx.query(text, args...)
	item, found, err := first(rows, err, scan)
	if err != nil {
		tx.broken = err
	}
	return item, found, err
}

// txCollect scans all rows of a reading statement.
func txCollect[T any](tx *Tx, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	rows, err := tx.query(text, args...)
	list, err := collect(rows, err, scan)
	if err != nil {
		tx.broken = err
	}
	return list, err
}

// checkText refuses text that isn't UTF-8, whatever door it came by: each answer that
// has it would be broken.
func checkText(args []any) error {
	for _, a := range args {
		if s, ok := a.(string); ok && !utf8.ValidString(s) {
			return chat.Invalid("", "Text must be well-formed Unicode (UTF-8).")
		}
	}
	return nil
}
