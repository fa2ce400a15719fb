package wire

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// scratch has the buffers in which writes are assembled.
var scratch = sync.Pool{New: func() any { return &attempt{buf: make([]byte, 0, chunk+4<<10)} }}

// write writes the queue, unless another goroutine is writing. The caller must hold the lock, which
// write releases.
func (c *Conn) write() {
	if c.busy {
		c.mu.Unlock()
		return
	}
	c.busy = true
	a := scratch.Get().(*attempt)
	for c.fill(a) {
		c.mu.Unlock()
		err := a.try(c)
		c.mu.Lock()
		switch {
		case err != nil && c.state == slow: // giveUp set the deadline
			c.rest = append([]byte(nil), a.buf[a.written:]...)
		case err != nil:
			c.fail()
		case a.written < len(a.buf):
			c.rest = append([]byte(nil), a.buf[a.written:]...)
			go c.drain()
			c.mu.Unlock()
			scratch.Put(a)
			return
		}
	}
	if c.state == slow {
		go c.dismiss(c.rest)
	} else {
		c.settle()
	}
	c.mu.Unlock()
	scratch.Put(a)
}

// fill moves the next part of the queue into a buffer. It returns false if the queue is empty.
func (c *Conn) fill(a *attempt) bool {
	a.buf, a.written = a.buf[:0], 0
	n := 0
	for ; n < len(c.queue) && len(a.buf) < chunk; n++ {
		a.buf = c.encode(a.buf, &c.queue[n])
	}
	c.pop(n)
	return n > 0
}

// settle marks writing as ended if nothing is left. The caller must hold the lock.
func (c *Conn) settle() {
	c.relax()
	if cap(c.queue) == queueRoom {
		queues.Put((*[queueRoom]Item)(c.queue[:queueRoom]))
	}
	c.queue = nil
	if c.state == closing && c.stream {
		c.halfClose()
	}
}

// fail ends a connection after a write error; the reader notices the end.
func (c *Conn) fail() {
	c.state = closed
	c.empty()
	_ = c.net.SetReadDeadline(time.Now())
}

func (c *Conn) halfClose() {
	if s, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = s.CloseWrite()
		return
	}
	_ = c.net.SetReadDeadline(time.Now())
}

// drain writes the queue in a goroutine of its own, since the peer isn't ready to receive.
func (c *Conn) drain() {
	a := scratch.Get().(*attempt)
	defer scratch.Put(a)
	c.mu.Lock()
	for a.buf = append(a.buf[:0], c.rest...); ; {
		c.rest = nil
		if c.state != slow {
			_ = c.net.SetWriteDeadline(time.Now().Add(c.limits.WriteTime))
		}
		c.mu.Unlock()
		n, err := c.net.Write(a.buf)
		if err != nil {
			c.mu.Lock()
			if c.state == opened && errors.Is(err, os.ErrDeadlineExceeded) { // a slow one was counted
				c.tooSlow()
			}
			c.mu.Unlock()
			c.dismiss(a.buf[n:])
			return
		}
		c.mu.Lock()
		if !c.fill(a) {
			break
		}
	}
	tooLate := c.state == slow
	if !tooLate {
		_ = c.net.SetWriteDeadline(time.Time{})
		c.settle()
	}
	c.mu.Unlock()
	if tooLate {
		c.dismiss(nil)
	}
}

// dismiss sends the close frame to a peer that was too slow. Unread data fills the kernel's buffer,
// so dismiss enlarges the buffer for the rest of the current frame and the close frame. No sender
// waits meanwhile.
func (c *Conn) dismiss(rest []byte) {
	c.mu.Lock()
	gone := c.state == closed
	last := slices.Concat(c.last, c.unfinished())
	c.state, c.rest, c.last = closed, nil, nil
	c.empty()
	c.relax()
	c.mu.Unlock()
	if gone {
		return
	}
	if s, ok := c.net.(interface{ SetWriteBuffer(int) error }); ok && c.limits.Buffer > 0 {
		_ = s.SetWriteBuffer(farewellRoom)
	}
	if !c.stream {
		rest = c.encode(slices.Concat(rest, last), &Item{Op: ws.OpClose, Body: closeBody(TooSlow, TooSlowReason)})
	}
	_ = c.net.SetWriteDeadline(time.Now().Add(farewellTime))
	_, _ = c.net.Write(rest)
	_ = c.net.SetReadDeadline(time.Now().Add(c.limits.CloseTime))
	c.halfClose()
}
