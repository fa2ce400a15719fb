package app

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// limitListener limits the number of open connections by slots. If all slots are taken, a new
// connection replaces the one that has kept the server waiting longest: for a request, for the rest
// of a header or for the next bytes of a body. So clients that only hold connections can't keep
// others out.
//
// Its connections are full TCP connections, which wrappers of an interface aren't: the live
// transports write to them without waiting.
type limitListener struct {
	*net.TCPListener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once

	mu      sync.Mutex
	waiting list.List // of *limitedConn, the longest waiting one first
}

// limited returns the listener of a server, which reports which connections are waiting.
func limited(l *net.TCPListener, n int, server *http.Server) *limitListener {
	limit := &limitListener{TCPListener: l, slots: make(chan struct{}, n), done: make(chan struct{})}
	server.ConnState = noteState
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	return limit
}

// Accept waits for a connection and for a free slot.
func (l *limitListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	select {
	case l.slots <- struct{}{}:
		return &limitedConn{TCPConn: c, home: l}, nil
	default:
		l.endLongestWaiting()
	}
	select {
	case l.slots <- struct{}{}:
		return &limitedConn{TCPConn: c, home: l}, nil
	case <-l.done:
		_ = c.Close()
		return nil, net.ErrClosed
	}
}

func (l *limitListener) endLongestWaiting() {
	l.mu.Lock()
	oldest := l.waiting.Front()
	l.mu.Unlock()
	if oldest != nil {
		_ = oldest.Value.(*limitedConn).Close()
	}
}

// Close stops accepting.
func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.TCPListener.Close()
}

// noteState is an http.Server's ConnState.
func noteState(conn net.Conn, state http.ConnState) {
	c, _ := conn.(*limitedConn)
	switch state {
	case http.StateNew, http.StateIdle:
		c.waits()
	case http.StateHijacked:
		c.works()
	case http.StateActive, http.StateClosed: // the header may still arrive; Close does the rest
	}
}

type connectionKey struct{}

// connection returns the connection of a request, nil if it has no slot.
func connection(ctx context.Context) *limitedConn {
	c, _ := ctx.Value(connectionKey{}).(*limitedConn)
	return c
}

// limitedConn frees its slot when it is closed.
type limitedConn struct {
	*net.TCPConn
	home *limitListener
	once sync.Once

	place  *list.Element // in the list of waiting connections, nil if it isn't waiting
	closed bool
}

// waits records that the server is waiting for the client. It does nothing if c is nil.
func (c *limitedConn) waits() {
	if c == nil {
		return
	}
	c.home.mu.Lock()
	defer c.home.mu.Unlock()
	switch {
	case c.closed:
	case c.place != nil:
		c.home.waiting.MoveToBack(c.place)
	default:
		c.place = c.home.waiting.PushBack(c)
	}
}

// works records that the client has sent everything. It does nothing if c is nil.
func (c *limitedConn) works() {
	if c == nil {
		return
	}
	c.home.mu.Lock()
	defer c.home.mu.Unlock()
	c.leave()
}

// leave removes the connection from the waiting ones. The caller must hold the lock.
func (c *limitedConn) leave() {
	if c.place != nil {
		c.home.waiting.Remove(c.place)
		c.place = nil
	}
}

// Close closes the connection.
func (c *limitedConn) Close() error {
	err := c.TCPConn.Close()
	c.once.Do(func() {
		c.home.mu.Lock()
		c.closed = true
		c.leave()
		c.home.mu.Unlock()
		<-c.home.slots
	})
	return err
}
