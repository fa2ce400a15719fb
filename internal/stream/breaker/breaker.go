// Package breaker prevents operations from making calls that Stream fails at. Each of Stream's
// calls has a [Breaker]. An [Operation] of a caller makes any number of calls and counts once for
// each breaker. The package knows neither HTTP nor what a call does.
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
	tripAfter  = 5  // consecutive failed operations that open a breaker
	closeAfter = 16 // consecutive successful operations that close it
)

// errShut means that the breaker refused a call.
var errShut = errors.New("the circuit breaker is open")

// Breaker prevents operations from making a call that Stream fails at. It counts operations, not
// attempts. After a pause it admits one operation, and then one more at a time than have succeeded
// in a row: 1, 2, 4 … The others wait for their turn, unless none ends for a while.
//
// The libraries we know admit a fixed number instead.
type Breaker struct {
	of       string        // the name of the call, for the log
	pause    time.Duration // how long it stays open
	patience time.Duration // how long an operation waits for another one to end
	logger   *slog.Logger

	metrics *metrics.Metrics

	mu        sync.Mutex
	state     state
	era       int // how many times the state has changed
	failures  int // consecutive failed operations, while closed
	opened    time.Time
	inside    int           // admitted operations, while half open
	succeeded int           // consecutive successful operations, while half open
	turn      chan struct{} // closed when a waiting operation should check again
}

type state string

const (
	closed   state = "closed"
	open     state = "open"
	halfOpen state = "half open"
)

// New returns a closed breaker. Once open, it stays open for the pause. An operation that must wait
// for others to end waits for at most the patience after each.
func New(of string, pause, patience time.Duration, logger *slog.Logger, m *metrics.Metrics) *Breaker {
	return &Breaker{of: of, pause: pause, patience: patience, logger: logger, metrics: m, state: closed, turn: make(chan struct{})}
}

// enter admits an operation or fails with errShut. It returns the era to which the operation's
// result belongs.
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

// look is enter without waiting: turn is closed when to check again.
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

// succeed and leave report the result of an admitted operation; leave means that the result says
// nothing. Results of an earlier era are ignored.
func (b *Breaker) succeed(era int) {
	b.settle(era, true, func() { b.failures = 0; b.succeeded++ })
}

func (b *Breaker) leave(era int) { b.settle(era, true, func() {}) }

// fail reports a failure. leaves is false if the operation was reported as successful before.
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
