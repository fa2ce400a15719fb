package sqlstore

import (
	"context"
	"errors"
	"sync"
)

// Rows are the result of a query. The caller must close them.
type Rows interface {
	cursor
	Close() error
}

// readers are SQLite connections for reading.
type readers struct {
	file   sqliteFile
	open   chan *reader // free connections
	unused chan *reader // connections that were never opened, since opening one takes milliseconds
	once   sync.Once
	closed chan struct{}
}

// reader is one connection, which is opened on first use.
type reader struct {
	session *sqliteSession
	stop    chan struct{} // interrupts the current query when it is closed
}

func newReaders(file sqliteFile, n int) *readers {
	r := &readers{file: file, open: make(chan *reader, n), unused: make(chan *reader, n), closed: make(chan struct{})}
	for range n {
		r.unused <- &reader{}
	}
	return r
}

// close waits for current queries. It does nothing if r is nil, or when called again.
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

// query runs a reading statement, which is prepared once on each connection.
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

// take returns a reader, preferably an open one.
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

// open opens the connection. Closing one.stop interrupts it.
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

// heldRows are rows of a reader, which becomes free when they are closed.
type heldRows struct {
	cursor
	ctx  context.Context //nolint:containedctx // the query's
	end  func()
	goOn func() bool // detaches the connection from ctx; false if ctx has interrupted it
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
