package fanout

import (
	"context"
	"slices"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// Event is an event rendered for all members of a group.
type Event struct {
	Seq     int64
	Lasting bool // it is in the log and has a seq of its own
	JSON    []byte

	private *chat.Event // set if it is about a message that not all users may see
}

func rendered(e *chat.Event, lasting bool, text []byte) *Event {
	r := &Event{Seq: e.Seq, Lasting: lasting, JSON: text}
	if e.Hidden(chat.Actor{}) {
		r.private = e
	}
	return r
}

// Sink receives a member's events. Deliver must not wait for the peer.
type Sink interface {
	Deliver(list []*Event)
	// Settle waits until the peer has received what was delivered. A member that catches up is no
	// faster than its peer.
	Settle(ctx context.Context) error
	// End reports that no more events follow, and why.
	End(err error)
}

// Render returns an event in the form that members receive. The result is retained.
type Render func(event *chat.Event) []byte

// Member is one subscription.
type Member[K comparable] struct {
	Sink Sink
	// By is the reader. Events about messages that By may not see are left out. MayRead is called
	// after each event that could have removed the right to read; if it fails, the membership ends.
	By      chat.Actor
	MayRead func(ctx context.Context) error

	group *group[K] // nil before Join and after Leave; guarded by Groups.mu
	place int       // index in group.members, -1 for none; guarded by group.mu
	after int64     // the seq at which it joined; set before it is added to the members
}

// sees returns the events that the member may see.
func (m *Member[K]) sees(list []*Event) []*Event {
	hidden := func(e *Event) bool { return e.private != nil && e.private.Hidden(m.By) }
	if !slices.ContainsFunc(list, hidden) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), hidden)
}

// Start describes where a subscription starts.
type Start[K comparable] struct {
	Key  K // equal for subscriptions that can share a group
	Feed chat.Feed
	// Render returns a rendering function, for use by one goroutine.
	Render func() Render
}

// Groups are the groups of one server. The zero value is ready to use.
type Groups[K comparable] struct {
	// Lag is called after each round with the age of its last event that is in the log; may be nil.
	// It must be set before the first Join.
	Lag func(time.Duration)

	mu      sync.Mutex
	byKey   map[K]*group[K]
	running sync.WaitGroup
}

// Wait returns when all groups have ended. A group ends with its last member.
func (gs *Groups[K]) Wait() { gs.running.Wait() }

// Join adds m to its group. It takes ownership of the feed, and returns when m has caught up with
// the group. If it fails, m isn't a member.
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

// enter returns the group of a key and counts the member. A new group takes over the member's feed
// at its position, and the member joins immediately.
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

// Leave ends a membership. After it, only events that are being delivered can still arrive.
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

// Len returns the number of groups.
func (gs *Groups[K]) Len() int {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	return len(gs.byKey)
}

// Members returns the number of members of all groups.
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

// forget removes a group, so that the next member with its key starts a new one.
func (gs *Groups[K]) forget(g *group[K]) {
	if gs.byKey[g.key] == g {
		delete(gs.byKey, g.key)
	}
}
