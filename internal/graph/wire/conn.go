package wire

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/gobwas/ws" // frames and the handshake of RFC 6455, without goroutines or buffers of its own; MIT
)

// Limits say what a connection may cost.
type Limits struct {
	Frames    int           // that wait to be written
	Bytes     int           // of them
	WriteTime time.Duration // without progress before the peer counts as too slow
	CloseTime time.Duration // that the peer has to answer a close
	GoneTime  time.Duration // without an acknowledgement of what was sent; 0 leaves it to the kernel
	Buffer    int           // of the kernel, for what the peer has not taken
}

// TooSlow is the close code for a peer that doesn't keep up.
const (
	TooSlow       ws.StatusCode = 4290
	TooSlowReason               = "too slow: subscribe again with after"
)

const (
	chunk     = 32 << 10 // bytes of one write, more or less
	idleQueue = 8        // items of room that an idle connection keeps

	// For the last words to a peer that is too slow.
	farewellRoom = 1 << 20 // made in the kernel
	farewellTime = time.Second / 4
)

// Item is one thing to be written.
type Item struct {
	Prefix string // of a message: what stands before the shared payload; "" for none
	Body   []byte // shared with other connections, never changed
	Seq    int64  // of an event
	Op     ws.OpCode
}

// Conn is a connection that is written to without waiting. Its methods may be
// called at the same time, but for Read.
type Conn struct {
	net    net.Conn
	raw    syscall.RawConn // nil where a write can't be tried
	limits *Limits
	in     *reader
	stream bool // server-sent events, not WebSocket

	mu     sync.Mutex
	queue  []Item
	queued int           // bytes in the queue
	rest   []byte        // what is left of a write that was cut short
	busy   bool          // somebody is writing
	idle   chan struct{} // closed when that is over; nil where nobody waits for it
	state  state
}

// state is how far a connection has come. It only grows.
type state int

const (
	opened  state = iota
	closing       // the last item is in the queue
	slow          // the peer doesn't keep up: nothing more is queued, the writer says goodbye
	closed        // nothing more is written
)

func newConn(c net.Conn, in *reader, stream bool, limits *Limits) *Conn {
	conn := &Conn{net: c, limits: limits, in: in, stream: stream}
	if s, ok := c.(syscall.Conn); ok {
		conn.raw, _ = s.SyscallConn()
	}
	if conn.raw != nil && limits.GoneTime > 0 {
		vanishes(conn.raw, limits.GoneTime)
	}
	if s, ok := c.(interface{ SetWriteBuffer(int) error }); ok && limits.Buffer > 0 {
		_ = s.SetWriteBuffer(limits.Buffer)
	}
	return conn
}

// Send queues items and writes what the peer takes at once. It reports whether
// the connection still takes items.
func (c *Conn) Send(items ...Item) bool {
	c.mu.Lock()
	if c.state != opened {
		c.mu.Unlock()
		return false
	}
	c.enqueue(items)
	if c.overfull() {
		c.giveUp()
		c.mu.Unlock()
		return false
	}
	c.write()
	return true
}

func (c *Conn) enqueue(items []Item) {
	c.queue = append(c.queue, items...)
	for i := range items {
		c.queued += len(items[i].Prefix) + len(items[i].Body)
	}
}

func (c *Conn) overfull() bool {
	return c.busy && (len(c.queue) > c.limits.Frames || c.queued > c.limits.Bytes)
}

// giveUp drops the queue, and makes the writer stop waiting for the peer.
func (c *Conn) giveUp() {
	c.state, c.queue, c.queued = slow, nil, 0
	_ = c.net.SetWriteDeadline(time.Now())
}

// Settle waits until the peer has taken what was sent, or never will.
func (c *Conn) Settle(ctx context.Context) error {
	c.mu.Lock()
	if !c.busy {
		c.mu.Unlock()
		return ctx.Err()
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// relax ends a spell of writing, with the lock held.
func (c *Conn) relax() {
	c.busy = false
	if c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// Close says goodbye after what is in the queue, and ends the connection once
// the peer has answered or CloseTime has passed. Read then fails.
func (c *Conn) Close(code ws.StatusCode, reason string) {
	c.mu.Lock()
	if c.state != opened {
		c.mu.Unlock()
		return
	}
	if !c.stream {
		c.enqueue([]Item{{Op: ws.OpClose, Body: closeBody(code, reason)}})
	}
	c.state = closing
	_ = c.net.SetReadDeadline(time.Now().Add(c.limits.CloseTime))
	c.write()
}

// Abort ends the connection at once.
func (c *Conn) Abort() {
	c.mu.Lock()
	c.state, c.queue, c.queued = closed, nil, 0
	c.mu.Unlock()
	_ = c.net.Close()
}

// Closing reports whether the connection takes no more items.
func (c *Conn) Closing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != opened
}

// RemoteAddr is where the peer is.
func (c *Conn) RemoteAddr() net.Addr { return c.net.RemoteAddr() }
