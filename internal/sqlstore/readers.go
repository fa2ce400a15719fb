package sqlstore

import (
	"context"
	"errors"
	"sync"
)

// Rows are what a query of the store gives, to be closed.
type Rows interface {
	cursor
	Close() error
}

// readers are connections to SQLite that read.
type readers struct {
	file   sqliteFile
	open   chan *reader // those that are free
	unused chan *reader // those that were never needed; opening one takes milliseconds
	once   sync.Once
	closed chan struct{}
}

// reader is one connection, which is opened when it is first used.
type reader struct {
	session *sqliteSession
	stop    chan struct{} // ends the query under way once it is closed
}

func newReaders(file sqliteFile, n int) *readers {
	r := &readers{file: file, open: make(chan *reader, n), unused: make(chan *reader, n), closed: make(chan struct{})}
	for range n {
		r.unused <- &reader{}
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
	for range cap(r.open) {
		select {
		case one := <-r.open:
			err = errors.Join(err, one.close())
		case <-r.unused:
		}
	}
	return err
}

// query runs a reading statement, prepared once for its text on each connection.
func (r *readers) query(ctx context.Context, text string, args []any) (Rows, error) {
	one, err := r.take(ctx)
	if err != nil {
		return nil, err
	}
	found, err := one.query(ctx, r, text, args)
	if err != nil {
		r.open <- one
		return nil, err
	}
	return found, nil
}

// take returns a reader, one that is open if there is one.
func (r *readers) take(ctx context.Context) (*reader, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case one := <-r.open:
		return one, nil
	default:
	}
	select {
	case one := <-r.open:
		return one, nil
	case one := <-r.unused:
		return one, nil
	case <-r.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (one *reader) query(ctx context.Context, home *readers, text string, args []any) (*heldRows, error) {
	if err := one.open(home.file); err != nil {
		return nil, err
	}
	c, end, err := one.session.query(ctx, text, args)
	if err != nil {
		return nil, err
	}
	stop := one.stop
	return &heldRows{cursor: c, ctx: ctx, end: end, goOn: context.AfterFunc(ctx, func() { close(stop) }), of: one, home: home}, nil
}

func (one *reader) close() error {
	if one.session == nil {
		return nil
	}
	return one.session.conn.Close()
}

// open opens the connection, and has it stop if its stop is closed.
func (one *reader) open(file sqliteFile) (err error) {
	if one.session == nil {
		if one.session, err = file.open(toRead); err != nil {
			one.session = nil
			return err
		}
	}
	if one.stop == nil {
		one.stop = make(chan struct{})
		one.session.conn.SetInterrupt(one.stop)
	}
	return nil
}

// heldRows are rows of a reader, which is free again once they are closed.
type heldRows struct {
	cursor
	ctx  context.Context //nolint:containedctx // the query's
	end  func()
	goOn func() bool // keeps the end of ctx from stopping the connection; false if it does
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
	if !h.goOn() {
		<-h.of.stop
		h.of.stop = nil
	}
	h.home.open <- h.of
	return nil
}
