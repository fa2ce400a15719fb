package breaker

import (
	"context"
	"errors"
	"sync"

	"backchannel/internal/chat"
)

// Operation is one operation of a caller. Its calls count as one for each breaker.
type Operation struct {
	mu      sync.Mutex
	entered map[*Breaker]*Passage
	effect  bool // a call has changed something, or may have
}

// Changed records that a call has changed something, or may have.
func (o *Operation) Changed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.effect = true
}

// Touched reports whether a call has changed something, or may have.
func (o *Operation) Touched() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.effect
}

// Known returns an operation's error, with an unknown outcome if something may have changed, unless
// the error names what remains.
func (o *Operation) Known(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok || e.Code != chat.Unavailable || !o.effect || e.Outcome != "" || len(e.Remaining) > 0 {
		return err
	}
	return chat.Undecided(err)
}

// Passage is the state of an operation at one breaker.
type Passage struct {
	era          int
	good, failed bool
	told         bool // its success was reported
}

type operationKey struct{}

// Begin makes the calls until end count as one operation. Within another operation it returns that
// one, which ends later.
func Begin(ctx context.Context) (_ context.Context, o *Operation, end func()) {
	if o, within := ctx.Value(operationKey{}).(*Operation); within {
		return ctx, o, func() {}
	}
	o = &Operation{entered: map[*Breaker]*Passage{}}
	return context.WithValue(ctx, operationKey{}, o), o, o.end
}

// Enter admits the operation to a breaker, once. It fails if the breaker is open or ctx ends.
func (o *Operation) Enter(ctx context.Context, b *Breaker) (*Passage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := o.entered[b]; p != nil {
		return p, nil
	}
	era, err := b.enter(ctx)
	if err != nil {
		return nil, err
	}
	p := &Passage{era: era}
	o.entered[b] = p
	return p, nil
}

// Note records the result of one of the operation's calls. The first success is reported
// immediately, since an operation may take minutes and others are waiting.
func (o *Operation) Note(b *Breaker, p *Passage, good, failed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.good, p.failed = p.good || good, p.failed || failed
	if good && !p.told && !p.failed {
		p.told = true
		b.succeed(p.era)
	}
}

func (o *Operation) end() {
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
