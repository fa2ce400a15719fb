package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// Rows are what a query of the store gives, to be closed.
type Rows interface {
	cursor
	Close() error
}

// readers are connections to SQLite that read, below database/sql: for a page of
// messages that costs as much as SQLite does.
type readers struct {
	db     *sql.DB
	free   chan *reader
	once   sync.Once
	closed chan struct{}
}

// reader is one connection, which is opened when it is first used.
type reader struct {
	conn    *sql.Conn
	session *sqliteSession
}

func newReaders(db *sql.DB, n int) *readers {
	r := &readers{db: db, free: make(chan *reader, n), closed: make(chan struct{})}
	for range n {
		r.free <- &reader{}
	}
	return r
}

// close waits for queries under way. It does nothing for nil, or a second time.
func (r *readers) close() (err error) {
	if r != nil {
		r.once.Do(func() { err = r.end() })
	}
	return err
}

func (r *readers) end() (err error) {
	close(r.closed)
	for range cap(r.free) {
		if one := <-r.free; one.conn != nil {
			one.session.close()
			err = errors.Join(err, one.conn.Close())
		}
	}
	return err
}

// query runs a reading statement, prepared once for its text on each connection.
func (r *readers) query(ctx context.Context, text string, args []any) (Rows, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case one := <-r.free:
		found, err := one.query(ctx, r, text, args)
		if err != nil {
			r.free <- one
			return nil, err
		}
		return found, nil
	case <-r.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (one *reader) query(ctx context.Context, home *readers, text string, args []any) (*heldRows, error) {
	if one.conn == nil {
		if err := one.open(ctx, home.db); err != nil {
			return nil, err
		}
	}
	c, end, err := one.session.query(ctx, text, args)
	return &heldRows{cursor: c, ctx: ctx, end: end, of: one, home: home}, err
}

func (one *reader) open(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	s, err := newSession(conn)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	local, ok := s.(*sqliteSession)
	if !ok {
		return errors.Join(errors.New("not a connection to SQLite"), conn.Close())
	}
	one.conn, one.session = conn, local
	return nil
}

// heldRows are rows of a reader, which is free again once they are closed.
type heldRows struct {
	cursor
	ctx  context.Context //nolint:containedctx // the query's
	end  func()
	of   *reader
	home *readers
}

// Next implements cursor. The query's context ends the rows.
func (h *heldRows) Next() bool { return h.ctx.Err() == nil && h.cursor.Next() }

// Err implements cursor.
func (h *heldRows) Err() error { return errors.Join(h.ctx.Err(), h.cursor.Err()) }

// Close implements Rows. It may be called once.
func (h *heldRows) Close() error {
	h.end()
	h.home.free <- h.of
	return nil
}
