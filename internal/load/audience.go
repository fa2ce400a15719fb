package load

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// Audience is a set of connections that receive what a server sends. It can be used without a
// session, for servers without GraphQL: it only needs WebSocket text frames that contain "seq":N,
// "message.new" and "text":"N …".
type Audience struct {
	board   atomic.Pointer[board]
	buffers sync.Pool
	readers sync.WaitGroup

	mu   sync.Mutex
	all  []*subscriber
	gone error // the error of the first connection that ended unexpectedly

	deliveries, bytes, missed, repeated, closed atomic.Int64
	leaving                                     atomic.Bool
}

// NewAudience returns an audience for frames of at most that many bytes.
func NewAudience(frame int) *Audience {
	size := max(64<<10, 4*frame)
	a := &Audience{}
	a.buffers.New = func() any { return new(make([]byte, size)) }
	return a
}

// Attach adds a connection and reads from it until it ends. It ignores messages up to a seq or, if
// seq is negative, everything before the first message.
func (a *Audience) Attach(conn net.Conn, seq int64) {
	s := &subscriber{audience: a, conn: conn, last: seq}
	a.mu.Lock()
	a.all = append(a.all, s)
	a.mu.Unlock()
	a.readers.Go(s.read)
}

// Deliveries returns the number of messages that all connections together have received.
func (a *Audience) Deliveries() int64 { return a.deliveries.Load() }

// Bytes returns their total length.
func (a *Audience) Bytes() int64 { return a.bytes.Load() }

// Close closes the connections.
func (a *Audience) Close() {
	a.leaving.Store(true)
	a.mu.Lock()
	for _, s := range a.all {
		_ = s.conn.Close()
	}
	a.mu.Unlock()
	a.readers.Wait()
}

// ended records that a connection has ended, and the error of the first one.
func (a *Audience) ended(err error) {
	if a.leaving.Load() {
		return
	}
	a.closed.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone == nil {
		a.gone = err
	}
}

// Err returns an error if a connection has ended.
func (a *Audience) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone == nil {
		return nil
	}
	return fmt.Errorf("%d subscribers lost their connections, the first because: %w", a.closed.Load(), a.gone)
}

var errFrame = errors.New("the server sent a frame that is too long, or masked")
