package plan

import (
	"context"
	"math"
	"runtime/debug"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// AllBytes is how many bytes all answers may take, with the one that goes beyond what they
// share.
const AllBytes = 96 << 20

const (
	sharedBytes   = 32 << 20 // that all answers may take together
	leasePatience = 5 * time.Second
)

// Memory is what all answers may take of the server's memory. Each answer takes some from
// when it begins until it is sent. Small ones share a part. If that part is used up, one
// answer at a time may take the rest, so that one always finishes.
type Memory struct {
	mu     sync.Mutex
	used   int
	beyond *Lease // may take more than the shared part; nil if none does
	queue  []*waiter

	percent int       // the collector's former setting; 0 if it is unchanged
	freed   time.Time // when memory was last given back
}

// waiter is a lease that waits for more.
type waiter struct {
	of    *Lease
	bytes int
	given chan struct{} // closed when it has them
}

// Lease is what one answer takes. A nil lease takes nothing and has room for anything.
type Lease struct {
	memory *Memory
	held   int // bytes; guarded by memory.mu
	answer int // of them, for the answer
	loaded int // of them, for what the answer is made from
}

// Lease takes memory for an answer of so many bytes.
func (m *Memory) Lease(ctx context.Context, bytes int) (*Lease, error) {
	l := &Lease{memory: m}
	if err := m.take(ctx, l, bytes); err != nil {
		return nil, err
	}
	l.answer = bytes
	return l, nil
}

// take waits for memory, for a while.
func (m *Memory) take(ctx context.Context, l *Lease, bytes int) error {
	m.mu.Lock()
	if m.fits(l, bytes) {
		m.grant(l, bytes)
		m.mu.Unlock()
		return nil
	}
	w := &waiter{of: l, bytes: bytes, given: make(chan struct{})}
	m.queue = append(m.queue, w)
	m.mu.Unlock()
	timer := time.NewTimer(leasePatience)
	defer timer.Stop()
	var err error
	select {
	case <-w.given:
		return nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-timer.C:
		err = chat.TooFast(leasePatience, "The server has too many large answers under way.")
	}
	return m.leave(w, err)
}

// leave ends a wait that was too long, unless it was over just now.
func (m *Memory) leave(w *waiter, err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, other := range m.queue {
		if other == w {
			m.queue = append(m.queue[:i], m.queue[i+1:]...)
			m.wake()
			return err
		}
	}
	return nil
}

// fits reports whether a lease may take more, and lets it go beyond the shared part if no
// other does. Only the lease that goes beyond may overtake waiting leases.
func (m *Memory) fits(l *Lease, bytes int) bool {
	free := m.used+bytes <= AllBytes || m.used == l.held // if it is alone, waiting would not help
	shared := m.used + bytes
	if m.beyond != nil {
		shared -= m.beyond.held
	}
	switch {
	case m.beyond == l:
		return free
	case len(m.queue) > 0 || !free:
		return false
	case shared <= sharedBytes:
		return true
	case m.beyond == nil:
		m.beyond = l
		return true
	}
	return false
}

func (m *Memory) grant(l *Lease, bytes int) {
	m.used += bytes
	l.held += bytes
	switch {
	case m.used > sharedBytes && m.percent == 0:
		m.percent = debug.SetGCPercent(thorough)
	case m.used < sharedBytes/4 && m.percent != 0:
		debug.SetGCPercent(m.percent)
		m.percent = 0
		if time.Since(m.freed) > freeEvery {
			m.freed = time.Now()
			go debug.FreeOSMemory()
		}
	}
}

// While large answers take much memory, the collector lets less garbage accumulate.
// Afterwards the memory is returned to the system.
const (
	thorough  = 20 // percent
	freeEvery = 10 * time.Second
)

// wake gives the waiting leases what there is, in order.
func (m *Memory) wake() {
	waiting := m.queue
	m.queue = nil
	for i, w := range waiting {
		if !m.fits(w.of, w.bytes) {
			m.queue = append(m.queue, waiting[i])
			continue
		}
		m.grant(w.of, w.bytes)
		close(w.given)
	}
}

// bytes is how many bytes the answer may have so far.
func (l *Lease) bytes() int {
	if l == nil {
		return math.MaxInt
	}
	return l.answer
}

// take takes more for the answer.
func (l *Lease) take(ctx context.Context, bytes int) error {
	if err := l.memory.take(ctx, l, bytes); err != nil {
		return err
	}
	l.answer += bytes
	return nil
}

// load takes more for what the answer is made from.
func (l *Lease) load(ctx context.Context, bytes int) error {
	if l == nil {
		return nil
	}
	if err := l.memory.take(ctx, l, bytes); err != nil {
		return err
	}
	l.loaded += bytes
	return nil
}

// unload returns so many of these bytes, or as many as there are.
func (l *Lease) unload(bytes int) {
	if l == nil {
		return
	}
	if bytes = min(bytes, l.loaded); bytes > 0 {
		l.give(bytes)
		l.loaded -= bytes
	}
}

// Settle says how long the answer has become. The lease takes nothing more after it.
func (l *Lease) Settle(bytes int) {
	l.unload(math.MaxInt)
	l.give(l.answer - bytes)
	l.answer = bytes
	m := l.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.beyond == l {
		m.beyond = nil
		m.wake()
	}
}

// End returns everything.
func (l *Lease) End() {
	l.Settle(0)
}

func (l *Lease) give(bytes int) {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	l.memory.grant(l, -bytes)
	l.memory.wake()
}
