package stream

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

const (
	tripAfter  = 5  // failing operations in a row that open a breaker
	closeAfter = 16 // succeeding ones in a row that close it
)

// errShut means that the breaker kept a call from being made.
var errShut = errors.New("the circuit breaker is open")

// breaker keeps operations from a call that Stream fails at. It counts operations, not
// tries. After a pause it lets one through, and then 1 more at once than have succeeded in
// a row: 1, 2, 4 … The others wait for their turn, unless none ends for a while.
//
// The libraries we know let a fixed number through instead.
type breaker struct {
	of       string        // the call, for the log
	pause    time.Duration // how long it is open
	patience time.Duration // how long an operation waits for another one to end
	logger   *slog.Logger

	metrics *metrics.Metrics

	mu        sync.Mutex
	state     breakerState
	era       int // how often the state changed
	failures  int // operations in a row, while closed
	opened    time.Time
	inside    int           // operations that were let through, while half open
	succeeded int           // operations in a row, while half open
	turn      chan struct{} // closed when a waiting operation may look again
}

type breakerState string

const (
	breakerClosed   breakerState = "closed"
	breakerOpen     breakerState = "open"
	breakerHalfOpen breakerState = "half open"
)

func newBreaker(of string, pause, patience time.Duration, logger *slog.Logger, m *metrics.Metrics) *breaker {
	return &breaker{of: of, pause: pause, patience: patience, logger: logger, metrics: m, state: breakerClosed, turn: make(chan struct{})}
}

// enter lets an operation through, or fails with errShut. It returns the era, which
// the operation's outcome belongs to.
func (b *breaker) enter(ctx context.Context) (era int, err error) {
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
func (b *breaker) look() (era int, turn <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == breakerClosed:
		return b.era, nil, nil
	case b.state == breakerOpen && time.Since(b.opened) < b.pause:
		return 0, nil, errShut
	case b.state == breakerOpen:
		b.become(breakerHalfOpen)
	}
	if b.inside > b.succeeded {
		return 0, b.turn, nil
	}
	b.inside++
	return b.era, nil, nil
}

// succeed and leave report the outcome of an operation that was let through; leave means
// that it says nothing. Outcomes of a past era don't count.
func (b *breaker) succeed(era int) {
	b.settle(era, true, func() { b.failures = 0; b.succeeded++ })
}

func (b *breaker) leave(era int) { b.settle(era, true, func() {}) }

// fail reports a failure. leaves is false if the operation was reported as successful
// before.
func (b *breaker) fail(era int, leaves bool) {
	b.settle(era, leaves, func() {
		if b.failures++; b.state == breakerHalfOpen || b.failures >= tripAfter {
			b.opened = time.Now()
			b.become(breakerOpen)
		}
	})
}

func (b *breaker) settle(era int, leaves bool, outcome func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if era != b.era {
		return
	}
	if leaves && b.state == breakerHalfOpen {
		b.inside--
	}
	outcome()
	if b.state == breakerHalfOpen && b.succeeded >= closeAfter {
		b.become(breakerClosed)
	}
	close(b.turn)
	b.turn = make(chan struct{})
}

func (b *breaker) become(s breakerState) {
	b.logger.Warn("the circuit breaker to Stream changed", "of", b.of, "from", string(b.state), "to", string(s))
	b.metrics.Breaker(b.of, map[breakerState]float64{breakerClosed: 0, breakerHalfOpen: 0.5, breakerOpen: 1}[s])
	b.state, b.failures, b.inside, b.succeeded = s, 0, 0, 0
	b.era++
}

// operation is one operation of a caller. Its calls count as one for each breaker.
type operation struct {
	mu      sync.Mutex
	entered map[*breaker]*passage
	effect  bool // a call of it has changed something, or may have
}

// changed notes that a call has changed something, or may have.
func (o *operation) changed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.effect = true
}

// touched reports whether a call has changed something, or may have.
func (o *operation) touched() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.effect
}

// known is an operation's failure, with an unknown outcome if something may have changed,
// unless it names what remains.
func (o *operation) known(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok || e.Code != chat.Unavailable || !o.effect || e.Outcome != "" || len(e.Remaining) > 0 {
		return err
	}
	return chat.Undecided(err)
}

// passage is the state of an operation at one breaker.
type passage struct {
	era          int
	good, failed bool
	told         bool // that it is good
}

type operationKey struct{}

// withOperation makes the calls until end count as one operation. It does nothing within an
// operation.
func withOperation(ctx context.Context) (_ context.Context, end func()) {
	if _, within := ctx.Value(operationKey{}).(*operation); within {
		return ctx, func() {}
	}
	op := &operation{entered: map[*breaker]*passage{}}
	return context.WithValue(ctx, operationKey{}, op), op.end
}

// enter passes the operation through a breaker, once.
func (o *operation) enter(ctx context.Context, b *breaker) (*passage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := o.entered[b]; p != nil {
		return p, nil
	}
	era, err := b.enter(ctx)
	if err != nil {
		return nil, err
	}
	p := &passage{era: era}
	o.entered[b] = p
	return p, nil
}

// note notes the outcome of one of the operation's calls. The first success is reported at
// once, since an operation may take minutes, and others wait to be let through.
func (o *operation) note(b *breaker, p *passage, good, failed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.good, p.failed = p.good || good, p.failed || failed
	if good && !p.told && !p.failed {
		p.told = true
		b.succeed(p.era)
	}
}

func (o *operation) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for b, p := range o.entered {
		switch {
		case p.failed:
			b.fail(p.era, !p.told)
		case !p.told:
			b.leave(p.era)
		}
	}
}
