package wire

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/gobwas/ws" // frames and the handshake of RFC 6455, without goroutines or buffers; MIT
)

// Limits bound the cost of a connection.
type Limits struct {
	Frames    int           // waiting to be written
	Bytes     int           // in these frames
	WriteTime time.Duration // without progress before the peer counts as too slow
	CloseTime time.Duration // for the peer to answer a close
	GoneTime  time.Duration // for the peer to acknowledge sent data; 0 for the kernel's default
	Buffer    int           // size of the kernel's send buffer
	Slow      func()        // called for each peer that is too slow; may be nil
}

// TooSlow is the close code for a peer that is too slow.
const (
	TooSlow       ws.StatusCode = 4290
	TooSlowReason               = "too slow: subscribe again with after"
)

const (
	chunk     = 32 << 10 // approximate bytes of one write
	queueRoom = 64       // initial capacity of a queue, in items

	// For the close frame to a peer that is too slow.
	farewellRoom = 1 << 20 // additional room in the kernel's buffer
	farewellTime = time.Second / 4
)

// Item is something to write.
type Item struct {
	Prefix string   // of a message: the bytes before the shared payload; "" for none
	Body   []byte   // shared with other connections, never modified
	Rest   [][]byte // more of the payload, after the body
	Done   func()   // called when no data of the item is needed any longer; may be nil
	Seq    int64    // of an event
	Op     ws.OpCode

	piece bool // part of a message written in pieces: its body is written unchanged
	first bool // the first piece
	apart bool // its bytes are counted elsewhere
}

// Conn is a connection whose writers never wait. Its methods, except Read, may be called
// concurrently.
type Conn struct {
	net    net.Conn
	raw    syscall.RawConn // nil if writing without waiting isn't possible
	limits *Limits
	in     *reader
	stream bool // server-sent events instead of WebSocket

	mu     sync.Mutex
	queue  []Item
	frames int // frames and bytes in the queue, except those counted elsewhere
	queued int
	rest   []byte        // rest of a partial write
	last   []byte        // rest of the last message, for a peer that is too slow
	busy   bool          // a goroutine is writing
	idle   chan struct{} // closed when writing ends; nil if nobody waits for that
	state  state
}

// state is the state of a connection. It only increases.
type state int

const (
	opened  state = iota
	closing       // the last item is in the queue
	slow          // the peer is too slow: nothing more is queued, the writer sends the close frame
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

// Send queues items and writes as much as the peer accepts without waiting. It reports whether the
// connection still accepts items.
func (c *Conn) Send(items ...Item) bool {
	c.mu.Lock()
	if c.state != opened {
		c.mu.Unlock()
		drop(items)
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

// queues are used by connections that are being written to. Idle connections have none.
var queues = sync.Pool{New: func() any { return new([queueRoom]Item) }}

// enqueue queues items. Long ones are split into pieces, so that writing one needs little memory.
func (c *Conn) enqueue(items []Item) {
	if c.queue == nil {
		c.queue = queues.Get().(*[queueRoom]Item)[:0] //nolint:forcetypeassert // the pool has nothing else
	}
	for i := range items {
		if item := &items[i]; len(item.Body) > chunk || len(item.Rest) > 0 {
			c.enqueuePieces(item)
		} else {
			c.push(*item)
		}
	}
}

func (c *Conn) enqueuePieces(item *Item) {
	head, tail := c.frame(item)
	apart := item.Done != nil
	c.push(Item{Body: head, piece: true, first: true, apart: apart})
	for _, part := range append([][]byte{item.Body}, item.Rest...) {
		for p := range slices.Chunk(part, chunk) {
			c.push(Item{Body: p, piece: true, apart: apart})
		}
	}
	c.push(Item{Body: tail, piece: true, apart: apart, Done: item.Done})
}

func (c *Conn) push(item Item) {
	c.queue = append(c.queue, item)
	if !item.apart {
		c.frames++
		c.queued += len(item.Prefix) + len(item.Body)
	}
}

// pop removes the first items from the queue.
func (c *Conn) pop(n int) {
	for i := range c.queue[:n] {
		if item := &c.queue[i]; !item.apart {
			c.frames--
			c.queued -= len(item.Prefix) + len(item.Body)
		}
	}
	drop(c.queue[:n])
	clear(c.queue[:n])
	if n == len(c.queue) {
		c.queue = c.queue[:0]
	} else {
		c.queue = c.queue[n:]
	}
}

// unfinished returns the rest of a message that is written in pieces, if the first piece was
// written; nil if the rest is too long.
func (c *Conn) unfinished() (rest []byte) {
	for i := range c.queue {
		item := &c.queue[i]
		if !item.piece || item.first || len(rest) > farewellRoom {
			break
		}
		rest = append(rest, item.Body...)
	}
	return rest
}

// empty drops all items in the queue.
func (c *Conn) empty() {
	drop(c.queue)
	c.queue, c.frames, c.queued = nil, 0, 0
}

// drop calls Done of the items.
func drop(items []Item) {
	for i := range items {
		if done := items[i].Done; done != nil {
			done()
		}
	}
}

func (c *Conn) overfull() bool {
	return c.busy && (c.frames > c.limits.Frames || c.queued > c.limits.Bytes)
}

// giveUp drops the queue and makes the writer stop waiting for the peer.
func (c *Conn) giveUp() {
	c.state, c.last = slow, c.unfinished()
	c.empty()
	_ = c.net.SetWriteDeadline(time.Now())
	c.tooSlow()
}

func (c *Conn) tooSlow() {
	if c.limits.Slow != nil {
		c.limits.Slow()
	}
}

// Settle waits until everything is written, or can't be.
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

// relax marks writing as ended. The caller must hold the lock.
func (c *Conn) relax() {
	c.busy = false
	if c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// Close sends a close frame after the queued items. It ends the connection when the peer has
// answered or CloseTime has passed. Then Read fails.
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

// Abort ends the connection immediately.
func (c *Conn) Abort() {
	c.mu.Lock()
	c.state = closed
	c.empty()
	c.mu.Unlock()
	_ = c.net.Close()
}

// Closing reports whether the connection accepts no more items.
func (c *Conn) Closing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != opened
}
