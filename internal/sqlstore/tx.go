package sqlstore

import (
	"context"
	"errors"
	"unicode/utf8"

	"backchannel/internal/chat"
)

// Tx is one write's view of the transaction that it shares. It is valid only within the function
// passed to [Store.Write].
type Tx struct {
	writer  *writer
	ctx     context.Context
	id      string // PostgreSQL's, "" on SQLite
	era     string // of the server that gave the id
	jobs    []*job // jobs that have run
	wrote   bool   // the current job has changed something
	changed bool   // any job has changed something
	proof   *proof
	broken  error                // a statement of the current job failed
	after   []func()             // of all jobs so far
	users   map[string]chat.User // read by EnsureUser or TokenLimits
	limits  map[string]TokenLimits
	stored  map[string]bool     // ids of users that were stored
	heads   map[chat.CID]*head  // channels to whose logs something was appended
	ahead   map[readKey][]any   // what was read before the jobs ran
	sure    int                 // the number of jobs for which ahead is valid
	logs    map[int64]int64     // ends of the logs that were appended to, see hinter
	desk    []deskEntry         // for the back office's log
	records []*record           // for the log of changes
	indexed map[string]*indexed // by id: users with whom SQLite's index must be updated

	recording *record // of the current job; nil if it needs no record
}

// proof is a query that has a row only if the transaction was committed.
type proof struct {
	text string
	args []any
}

// provedBy stores a query that returns a row only if the transaction was committed. Only the first
// one is kept.
func (tx *Tx) provedBy(text string, args ...any) {
	if tx.proof == nil {
		tx.proof = &proof{text, args}
	}
}

// AfterCommit calls fn when the transaction is durable, before the caller of the write is answered,
// and in the order of the writes. fn must not block. It isn't called if the write is rolled back.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Change runs a statement that writes, and returns how many rows it changed.
func (tx *Tx) Change(text string, args ...any) (int64, error) {
	if err := errors.Join(checkText(args), tx.settle()); err != nil {
		return 0, fail(err)
	}
	n, err := tx.writer.session.exec(tx.ctx, text, args)
	if err != nil {
		tx.broken = err
		return 0, fail(err)
	}
	tx.wrote = tx.wrote || n > 0
	return n, nil
}

// put runs a statement that writes, doesn't touch a head, and always changes something. PostgreSQL
// receives it together with others, before the next statement whose answer is needed, and
// statements with the same text are combined. So statements put in between must not depend on each
// other, unless their texts first occur in the required order.
func (tx *Tx) put(text string, args ...any) error {
	if err := checkText(args); err != nil {
		return err
	}
	if err := tx.writer.session.put(tx.ctx, text, args); err != nil {
		tx.broken = err
		return fail(err)
	}
	tx.wrote = true
	return nil
}

// Returning runs a statement that writes, and scans its RETURNING row if it changed one.
func Returning[T any](tx *Tx, scan func(Row) (T, error), text string, args ...any) (T, bool, error) {
	item, found, err := TxFirst(tx, scan, text, args...)
	tx.wrote = tx.wrote || found
	return item, found, err
}

// TxFirst scans the only row that a reading statement may return.
func TxFirst[T any](tx *Tx, scan func(Row) (T, error), text string, args ...any) (item T, found bool, _ error) {
	list, err := TxCollect(tx, scan, text, args...)
	if err != nil || len(list) == 0 {
		return item, false, err
	}
	return list[0], true, nil
}

// TxCollect scans all rows of a reading statement.
func TxCollect[T any](tx *Tx, scan func(Row) (T, error), text string, args ...any) ([]T, error) {
	if err := tx.settle(); err != nil {
		return nil, err
	}
	return asideAll(tx, scan, text, args...)
}

// foreseen is like TxFirst, for a statement that doesn't depend on heads and may have been run
// before the jobs.
func foreseen[T any](tx *Tx, key readKey, scan func(Row) (T, error), text string, args ...any) (item T, found bool, _ error) {
	list, err := foreseenAll(tx, key, scan, text, args...)
	if err != nil || len(list) == 0 {
		return item, false, err
	}
	return list[0], true, nil
}

func foreseenAll[T any](tx *Tx, key readKey, scan func(Row) (T, error), text string, args ...any) ([]T, error) {
	if list, ok := tx.ahead[key]; ok {
		return itemsOf[T](list), nil
	}
	return asideAll(tx, scan, text, args...)
}

// asideAll is like TxCollect, for a statement that doesn't depend on heads.
func asideAll[T any](tx *Tx, scan func(Row) (T, error), text string, args ...any) ([]T, error) {
	if err := checkText(args); err != nil {
		return nil, err
	}
	rows, end, err := tx.writer.session.query(tx.ctx, text, args)
	if err != nil {
		tx.broken = err
		return nil, fail(err)
	}
	defer end()
	list, err := scanUntil(rows, scan, func(T) bool { return false })
	if err != nil {
		tx.broken = err
	}
	return list, err
}

// checkText refuses text that isn't valid UTF-8, from any API, since every answer with it would be
// broken.
func checkText(args []any) error {
	for _, a := range args {
		if s, ok := a.(string); ok && !utf8.ValidString(s) {
			return chat.Invalid("", "Text must be well-formed Unicode (UTF-8).")
		}
	}
	return nil
}
