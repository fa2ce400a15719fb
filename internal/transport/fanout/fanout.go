package fanout

import (
	"context"
	"slices"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// Event is an event rendered for all members that see it alike.
type Event struct {
	Seq     int64
	Lasting bool // it is in the log, and so has a seq of its own
	JSON    []byte

	private *chat.Event // set if it is about a message that isn't for all
}

func rendered(e *chat.Event, lasting bool, text []byte) *Event {
	r := &Event{Seq: e.Seq, Lasting: lasting, JSON: text}
	if e.Hidden(chat.Actor{}) {
		r.private = e
	}
	return r
}

// Sink is where a member's events go. Deliver must not wait for the peer.
type Sink interface {
	Deliver(list []*Event)
	// Settle waits until the peer has taken what was delivered. A member that
	// catches up goes no faster than its peer.
	Settle(ctx context.Context) error
	// End says that nothing more comes, and why.
	End(err error)
}

// Render returns what members see of an event. The result is kept.
type Render func(event *chat.Event) []byte

// Member is one subscription.
type Member[K comparable] struct {
	Sink Sink
	// By is who reads; events about messages for others are left out. MayRead is asked
	// after each event that could have taken away the right to read. If the right is lost,
	// the member ends.
	By      chat.Actor
	MayRead func(ctx context.Context) error

	group *group[K] // nil before Join and after Leave; guarded by Groups.mu
	place int       // in group.members, -1 for none; guarded by group.mu
	after int64     // the seq at which it joined; set before it is among the members
}

// sees leaves out what isn't for the member.
func (m *Member[K]) sees(list []*Event) []*Event {
	hidden := func(e *Event) bool { return e.private != nil && e.private.Hidden(m.By) }
	if !slices.ContainsFunc(list, hidden) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), hidden)
}

// Start is what a subscription begins with.
type Start[K comparable] struct {
	Key  K // equal for those who see the events alike
	Feed chat.Feed
	// Render makes a rendering, for one goroutine.
	Render func() Render
}

// Groups are the groups of one server. The zero value has none.
type Groups[K comparable] struct {
	// Lag is told how old the last event of a round is that is in the log, once it was
	// delivered; may be nil. It is set before anybody joins.
	Lag func(time.Duration)

	mu      sync.Mutex
	byKey   map[K]*group[K]
	running sync.WaitGroup
}

// Wait returns when all groups have ended, which they do with their last member.
func (gs *Groups[K]) Wait() { gs.running.Wait() }

// Join makes m a member. It takes over the feed, and returns when m has caught up with its
// group. If it fails, m isn't a member.
func (gs *Groups[K]) Join(ctx context.Context, s Start[K], m *Member[K]) error {
	c := &catchUp[K]{start: s, member: m, position: s.Feed.Start}
	err := c.approach(ctx)
	if err == nil {
		g, fresh := gs.enter(c)
		if fresh {
			return nil
		}
		if err = c.follow(ctx, g); err != nil {
			gs.Leave(m)
		}
	}
	s.Feed.Close()
	return err
}

// enter holds the group of a key for a member. A new group takes over the member's feed at
// its position, and has the member.
func (gs *Groups[K]) enter(c *catchUp[K]) (g *group[K], fresh bool) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if gs.byKey == nil {
		gs.byKey = map[K]*group[K]{}
	}
	if g = gs.byKey[c.start.Key]; g == nil {
		g, fresh = newGroup(gs, c), true
		gs.byKey[c.start.Key] = g
		gs.running.Add(1)
		go g.run()
	}
	g.holders++
	c.member.group = g
	return g, fresh
}

// Leave ends a membership. After it, only what was being delivered can still arrive.
func (gs *Groups[K]) Leave(m *Member[K]) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	g := m.group
	if g == nil {
		return
	}
	m.group = nil
	g.remove(m)
	if g.holders--; g.holders == 0 {
		gs.forget(g)
		g.cancel()
	}
}

// Len is how many groups there are.
func (gs *Groups[K]) Len() int {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	return len(gs.byKey)
}

// Members counts those who are in a group.
func (gs *Groups[K]) Members() int {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	n := 0
	for _, g := range gs.byKey {
		g.mu.Lock()
		n += len(g.members)
		g.mu.Unlock()
	}
	return n
}

// forget removes a group, so that the next member with its key begins a new one.
func (gs *Groups[K]) forget(g *group[K]) {
	if gs.byKey[g.key] == g {
		delete(gs.byKey, g.key)
	}
}
