package app

import (
	"net"
	"sync"
)

// limitListener accepts no more connections at a time than there are slots. Its
// connections are TCP connections in full, which those that wrap an interface
// are not: the live transports write to them without waiting.
type limitListener struct {
	*net.TCPListener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once
}

func limited(l *net.TCPListener, n int) *limitListener {
	return &limitListener{TCPListener: l, slots: make(chan struct{}, n), done: make(chan struct{})}
}

// Accept waits for a slot, and for a connection to put in.
func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.AcceptTCP()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{TCPConn: c, slots: l.slots}, nil
}

// Close stops accepting.
func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.TCPListener.Close()
}

// limitedConn gives its slot back when it is closed.
type limitedConn struct {
	*net.TCPConn
	slots chan struct{}
	once  sync.Once
}

// Close closes the connection.
func (c *limitedConn) Close() error {
	c.once.Do(func() { <-c.slots })
	return c.TCPConn.Close()
}
