package transport

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connection is a WebSocket session or a stream of server-sent events.
type connection interface {
	// sweep sends what is due and ends what has expired. late is how long the process or the
	// machine was paused, so that it couldn't hear peers.
	sweep(ctx context.Context, now time.Time, late time.Duration)
	// restart tells the client that the server is stopping.
	restart()
	abort()
}

// connections are the connections of one server. While there are any, one goroutine handles their
// timeouts.
type connections struct {
	limits     liveLimits
	unfinished unfinished

	mu       sync.Mutex
	all      map[connection]struct{}
	users    map[string]int // number of connections of each user
	closing  bool
	sweeping bool

	answering atomic.Int64 // queries and mutations in progress
}

var (
	errFull    = errors.New("too many connections")
	errClosing = errors.New("the server stops")
)

// add adds a connection.
func (p *connections) add(c connection) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.full(); err != nil {
		return err
	}
	if p.all == nil {
		p.all = map[connection]struct{}{}
	}
	p.all[c] = struct{}{}
	if !p.sweeping {
		p.sweeping = true
		go p.sweep()
	}
	return nil
}

// room returns an error if no further connection is accepted.
func (p *connections) room() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.full()
}

func (p *connections) full() error {
	switch {
	case p.closing:
		return errClosing
	case len(p.all) >= p.limits.Total:
		return errFull
	}
	return nil
}

// enlist counts a connection of a user. It returns false if the user has too many.
func (p *connections) enlist(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users[user] >= p.limits.PerUser {
		return false
	}
	if p.users == nil {
		p.users = map[string]int{}
	}
	p.users[user]++
	return true
}

// remove removes a connection. The user is "" if enlist wasn't called.
func (p *connections) remove(c connection, user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, c)
	p.uncount(user)
}

// discount undoes enlist.
func (p *connections) discount(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uncount(user)
}

func (p *connections) uncount(user string) {
	if user == "" {
		return
	}
	if p.users[user]--; p.users[user] <= 0 {
		delete(p.users, user)
	}
}

func (p *connections) list() []connection { return p.appendTo(nil) }

func (p *connections) appendTo(list []connection) []connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	list = slices.Grow(list, len(p.all))
	for c := range p.all {
		list = append(list, c)
	}
	return list
}

// sweepTime is the time limit for a sweep's query about revoked tokens.
const sweepTime = time.Second

// sweep runs until there are no connections.
func (p *connections) sweep() {
	ticker := time.NewTicker(p.limits.Sweep)
	defer ticker.Stop()
	var t tidier
	var all []connection
	for last := time.Now(); ; {
		now := <-ticker.C
		late := lateness(last, now, p.limits.Sweep)
		last = now
		all = p.appendTo(all[:0])
		ctx, cancel := context.WithTimeout(context.Background(), sweepTime)
		for _, c := range all {
			c.sweep(ctx, now, late)
		}
		cancel()
		t.tidy(len(all))
		clear(all)
		if p.rest() {
			return
		}
	}
}

// pause is the delay of a sweep from which on the process is assumed to have been paused.
const pause = 2 * time.Second

// lateness returns how late a sweep is, 0 if it is on time. Only the wall clock advances while a
// machine is suspended.
func lateness(last, now time.Time, every time.Duration) time.Duration {
	late := max(now.Sub(last), now.Round(0).Sub(last.Round(0))) - every
	if late < pause {
		return 0
	}
	return late
}

// crowd is the number of new connections after which collecting garbage is worthwhile.
const crowd = 500

// tidier returns memory to the system after many clients have connected. Opening a connection needs
// several times the memory of keeping it, and without further load nothing else would start the
// garbage collector.
type tidier struct{ tidied, last int }

func (t *tidier) tidy(n int) {
	if n == t.last && n-t.tidied >= crowd {
		t.tidied = n
		debug.FreeOSMemory()
	}
	t.tidied, t.last = min(t.tidied, n), n
}

// rest stops the sweeping if there are no connections.
func (p *connections) rest() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) == 0 {
		p.sweeping = false
	}
	return !p.sweeping
}

// shutdown waits for operations in progress, tells all clients to reconnect later, and returns when
// they have disconnected. When ctx ends it closes the connections.
func (p *connections) shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	answered, cancel := context.WithTimeout(ctx, p.limits.Answers)
	_ = poll(answered, func() bool { return p.answering.Load() == 0 })
	cancel()
	for _, c := range p.list() {
		c.restart()
	}
	err := poll(ctx, func() bool { return len(p.list()) == 0 })
	for _, c := range p.list() {
		c.abort()
	}
	return err
}

// poll waits until done reports true.
func poll(ctx context.Context, done func() bool) error {
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}
