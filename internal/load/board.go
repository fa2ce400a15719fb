package load

import (
	"sync/atomic"
	"time"
)

const (
	pageSize = 4096
	pages    = 4096
)

// board records when each message of a run was sent, answered, and received by all subscribers.
// Times are nanoseconds since the board was created, 0 for not yet.
type board struct {
	began    time.Time
	audience int32
	pages    [pages]atomic.Pointer[[pageSize]entry]
	next     atomic.Int64  // number of the next message
	complete atomic.Int64  // messages that all subscribers have
	done     chan struct{} // receives one value for each of these, while there is room

	sending, fromStart, fromAnswer, lastFromStart, lastFromAnswer histogram
}

type entry struct {
	sent, answered, last atomic.Int64
	got                  atomic.Int32
}

func newBoard(audience, window int) *board {
	return &board{began: time.Now(), audience: int32(audience), done: make(chan struct{}, max(window, 1))}
}

func (b *board) now() int64 { return int64(time.Since(b.began)) + 1 }

// begin assigns a number to a message that is about to be sent.
func (b *board) begin() int64 {
	n := b.next.Add(1) - 1
	page := &b.pages[n/pageSize%pages]
	if page.Load() == nil {
		page.CompareAndSwap(nil, new([pageSize]entry))
	}
	e := b.entry(n)
	e.sent.Store(b.now())
	return n
}

func (b *board) entry(n int64) *entry {
	if n < 0 || n >= b.next.Load() {
		return nil
	}
	page := b.pages[n/pageSize%pages].Load()
	if page == nil {
		return nil
	}
	return &page[n%pageSize]
}

// answer records that a message was answered.
func (b *board) answer(n int64) {
	e, now := b.entry(n), b.now()
	e.answered.Store(now)
	b.sending.add(time.Duration(now - e.sent.Load()))
	if b.audience == 0 {
		b.finish()
	}
}

// finish records that another message has reached all subscribers.
func (b *board) finish() {
	b.complete.Add(1)
	select {
	case b.done <- struct{}{}:
	default:
	}
}

// deliver records that a message reached a subscriber. A delivery before the answer counts as
// simultaneous with it.
func (b *board) deliver(n, now int64) {
	e := b.entry(n)
	if e == nil {
		return
	}
	b.fromStart.add(time.Duration(now - e.sent.Load()))
	var late int64
	if answered := e.answered.Load(); answered != 0 {
		late = max(now-answered, 0)
	}
	b.fromAnswer.add(time.Duration(late))
	if e.got.Add(1) != b.audience {
		return
	}
	e.last.Store(now)
	b.finish()
}

// close computes the figures that are known only at the end.
func (b *board) close() {
	for n := range b.next.Load() {
		e := b.entry(n)
		if last := e.last.Load(); last != 0 {
			b.lastFromStart.add(time.Duration(last - e.sent.Load()))
			b.lastFromAnswer.add(time.Duration(max(last-e.answered.Load(), 0)))
		}
	}
}
