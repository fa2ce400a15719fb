package plan

import (
	"context"
	"math"
	"runtime/debug"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// AllBytes is the maximum memory of all answers, including the one that exceeds the shared part.
const AllBytes = 96 << 20

const (
	sharedBytes   = 32 << 20 // shared by all answers
	leasePatience = 5 * time.Second
)

// Memory is the server's memory for answers. Each answer leases some from its start until it is
// sent. All answers share one part. When that part is used up, one answer at a time may use the
// rest, so that one always finishes.
type Memory struct {
	mu     sync.Mutex
	used   int
	beyond *Lease // may exceed the shared part; nil if none does
	queue  []*waiter

	percent int       // the previous setting of the garbage collector; 0 if it is unchanged
	freed   time.Time // when memory was last returned to the system
}

// waiter is a lease that is waiting for more memory.
type waiter struct {
	of    *Lease
	bytes int
	given chan struct{} // closed when the memory is granted
}

// Lease is the memory of one answer. A nil lease is unlimited and counts nothing.
type Lease struct {
	memory *Memory
	held   int // bytes; guarded by memory.mu
	answer int // of held, for the answer
	loaded int // of held, for the data from which the answer is made
}

// Lease leases memory for an answer of that many bytes.
func (m *Memory) Lease(ctx context.Context, bytes int) (*Lease, error) {
	l := &Lease{memory: m}
	if err := m.take(ctx, l, bytes); err != nil {
		return nil, err
	}
	l.answer = bytes
	return l, nil
}

// take waits for memory, for a limited time.
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

// leave ends a wait after a timeout, unless the memory was granted at the last moment.
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

// fits reports whether a lease may grow. If no other lease exceeds the shared part, this one may.
// Only the lease that exceeds it may overtake waiting leases.
func (m *Memory) fits(l *Lease, bytes int) bool {
	free := m.used+bytes <= AllBytes || m.used == l.held // if it is the only lease, waiting wouldn't help
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

// While large answers use much memory, the garbage collector runs more often. Afterwards the memory
// is returned to the system.
const (
	thorough  = 20 // percent
	freeEvery = 10 * time.Second
)

// wake grants memory to waiting leases, in order.
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

// bytes returns how large the answer may currently be.
func (l *Lease) bytes() int {
	if l == nil {
		return math.MaxInt
	}
	return l.answer
}

// take leases more memory for the answer.
func (l *Lease) take(ctx context.Context, bytes int) error {
	if err := l.memory.take(ctx, l, bytes); err != nil {
		return err
	}
	l.answer += bytes
	return nil
}

// load leases more memory for the data from which the answer is made.
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

// unload returns that many of these bytes, at most all of them.
func (l *Lease) unload(bytes int) {
	if l == nil {
		return
	}
	if bytes = min(bytes, l.loaded); bytes > 0 {
		l.give(bytes)
		l.loaded -= bytes
	}
}

// Settle sets the final size of the answer. The lease can't grow after it.
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

// End returns all memory.
func (l *Lease) End() {
	l.Settle(0)
}

func (l *Lease) give(bytes int) {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	l.memory.grant(l, -bytes)
	l.memory.wake()
}
