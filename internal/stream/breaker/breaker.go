// Package breaker keeps operations from calls that Stream fails at. A call of Stream's has a [Breaker];
// an [Operation] of a caller makes any number of calls, and counts once for each.
// It knows neither HTTP nor what a call does.
package breaker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"backchannel/internal/metrics"
)

const (
	tripAfter  = 5  // failing operations in a row that open a breaker
	closeAfter = 16 // succeeding ones in a row that close it
)

// errShut means that the breaker kept a call from being made.
var errShut = errors.New("the circuit breaker is open")

// Breaker keeps operations from a call that Stream fails at. It counts operations, not
// tries. After a pause it lets one through, and then 1 more at once than have succeeded in
// a row: 1, 2, 4 … The others wait for their turn, unless none ends for a while.
//
// The libraries we know let a fixed number through instead.
type Breaker struct {
	of       string        // the call, for the log
	pause    time.Duration // how long it is open
	patience time.Duration // how long an operation waits for another one to end
	logger   *slog.Logger

	metrics *metrics.Metrics

	mu        sync.Mutex
	state     state
	era       int // how often the state changed
	failures  int // operations in a row, while closed
	opened    time.Time
	inside    int           // operations that were let through, while half open
	succeeded int           // operations in a row, while half open
	turn      chan struct{} // closed when a waiting operation may look again
}

type state string

const (
	closed   state = "closed"
	open     state = "open"
	halfOpen state = "half open"
)

// New returns a closed breaker. It stays open for the pause; an operation that must wait for others to end
// does so for the patience after each.
func New(of string, pause, patience time.Duration, logger *slog.Logger, m *metrics.Metrics) *Breaker {
	return &Breaker{of: of, pause: pause, patience: patience, logger: logger, metrics: m, state: closed, turn: make(chan struct{})}
}

// enter lets an operation through, or fails with errShut. It returns the era, which
// the operation's outcome belongs to.
func (b *Breaker) enter(ctx context.Context) (era int, err error) {
	patience := time.NewTimer(b.patience)
	defer patience.Stop()
	for {
		era, turn, err := b.look()
		if turn == nil {
			return era, err
		}
		select {
		case <-turn:
			patience.Reset(b.patience)
		case <-patience.C:
			return 0, errShut
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// look is enter without waiting: turn says when to look again.
func (b *Breaker) look() (era int, turn <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == closed:
		return b.era, nil, nil
	case b.state == open && time.Since(b.opened) < b.pause:
		return 0, nil, errShut
	case b.state == open:
		b.become(halfOpen)
	}
	if b.inside > b.succeeded {
		return 0, b.turn, nil
	}
	b.inside++
	return b.era, nil, nil
}

// succeed and leave report the outcome of an operation that was let through; leave means
// that it says nothing. Outcomes of a past era don't count.
func (b *Breaker) succeed(era int) {
	b.settle(era, true, func() { b.failures = 0; b.succeeded++ })
}

func (b *Breaker) leave(era int) { b.settle(era, true, func() {}) }

// fail reports a failure. leaves is false if the operation was reported as successful
// before.
func (b *Breaker) fail(era int, leaves bool) {
	b.settle(era, leaves, func() {
		if b.failures++; b.state == halfOpen || b.failures >= tripAfter {
			b.opened = time.Now()
			b.become(open)
		}
	})
}

func (b *Breaker) settle(era int, leaves bool, outcome func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if era != b.era {
		return
	}
	if leaves && b.state == halfOpen {
		b.inside--
	}
	outcome()
	if b.state == halfOpen && b.succeeded >= closeAfter {
		b.become(closed)
	}
	close(b.turn)
	b.turn = make(chan struct{})
}

func (b *Breaker) become(s state) {
	b.logger.Warn("the circuit breaker to Stream changed", "of", b.of, "from", string(b.state), "to", string(s))
	b.metrics.Breaker(b.of, map[state]float64{closed: 0, halfOpen: 0.5, open: 1}[s])
	b.state, b.failures, b.inside, b.succeeded = s, 0, 0, 0
	b.era++
}
