package fanout

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/chat"
)

const (
	maxRound    = 64        // events that go to all members before the next do
	perWorker   = 32        // members that make a second goroutine worthwhile
	maxRecent   = 256       // rendered events kept for members that catch up
	recentBytes = 256 << 10 // of them
	perMember   = 4         // of them for each member, so that small groups are cheap
)

// group is the members that see one feed's events alike.
type group[K comparable] struct {
	groups  *Groups[K]
	key     K
	holders int // members and those about to be; guarded by groups.mu
	feed    chat.Feed
	render  Render
	ctx     context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex
	members []*Member[K]
	seq     int64    // of the last event that the members got, or are getting
	recent  []*Event // lasting: all after floor, and the last one is seq's
	bytes   int      // of recent
	floor   int64
	failed  error // why the group has ended

	round []*Member[K] // of the goroutine that runs the group
}

func newGroup[K comparable](gs *Groups[K], c *catchUp[K]) *group[K] {
	g := &group[K]{groups: gs, key: c.start.Key, feed: c.start.Feed, render: c.start.Render(), seq: c.position}
	g.ctx, g.cancel = context.WithCancel(context.Background()) //nolint:gosec // Leave and end call it
	g.floor = g.seq
	c.member.after, c.member.place = c.position, 0
	g.members = []*Member[K]{c.member}
	return g
}

// admit adds a member that has everything up to a seq, if the group is at that seq. If not,
// it returns what comes next, if the group still has it. It fails if the group has failed.
func (g *group[K]) admit(m *Member[K], seq int64) (joined bool, missed []*Event, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.failed != nil:
		return false, nil, g.failed
	case seq >= g.seq:
		m.after, m.place = seq, len(g.members)
		g.members = append(g.members, m)
		return true, nil, nil
	case seq >= g.floor:
		return false, since(g.recent, seq), nil
	}
	return false, nil, nil
}

func (g *group[K]) remove(m *Member[K]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.place >= len(g.members) || g.members[m.place] != m {
		return // it never joined, or the group ended
	}
	last := len(g.members) - 1
	g.members[m.place] = g.members[last]
	g.members[m.place].place = m.place
	g.members[last] = nil
	g.members = g.members[:last]
}

// run delivers until the last member has left or the feed fails.
func (g *group[K]) run() {
	defer g.groups.running.Done()
	defer g.feed.Close()
	for {
		events, err := g.next()
		if g.ctx.Err() != nil {
			return
		}
		if err != nil {
			g.end(err)
			return
		}
		for len(events) > 0 {
			n := roundOf(events)
			g.deliver(events[:n])
			events = events[n:]
		}
	}
}

// next waits for events. An unavailable feed is tried again.
func (g *group[K]) next() ([]chat.Event, error) {
	for wait := 50 * time.Millisecond; ; wait *= 3 {
		events, err := g.feed.Next(g.ctx)
		if chat.CodeOf(err) != chat.Unavailable || wait > 5*time.Second {
			return events, err
		}
		select {
		case <-g.ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

// roundOf is how many events to deliver before the rights of members are looked
// at again.
func roundOf(events []chat.Event) int {
	for i := range events[:min(len(events), maxRound)] {
		if concernsReading(&events[i]) {
			return i + 1
		}
	}
	return min(len(events), maxRound)
}

// deliver delivers a few events to all members. A member that joins meanwhile has them
// already.
func (g *group[K]) deliver(events []chat.Event) {
	list, seq := g.renderAll(events)
	g.mu.Lock()
	if slices.ContainsFunc(events, chat.Event.AltersMessage) {
		g.recent, g.bytes, g.floor = nil, 0, g.seq // a member that catches up sees the current version of a message
	}
	g.seq = seq
	g.keep(list)
	g.round = append(g.round[:0], g.members...)
	g.mu.Unlock()
	g.toAll(list)
	if g.groups.Lag != nil && len(list) > 0 && list[len(list)-1].Lasting {
		g.groups.Lag(time.Since(events[len(events)-1].CreatedAt))
	}
	if last := &events[len(events)-1]; concernsReading(last) {
		g.expel(last.User.ID)
	}
	clear(g.round)
}

func (g *group[K]) renderAll(events []chat.Event) (list []*Event, seq int64) {
	list, seq = make([]*Event, 0, len(events)), g.seq // only this goroutine writes seq
	for i := range events {
		e := &events[i]
		if e.Type == chat.AccessChanged {
			continue // nobody may see it
		}
		list = append(list, rendered(e, lasting(e, seq), g.render(e)))
		seq = e.Seq
	}
	return list, seq
}

// keep keeps what was rendered for members that catch up: up to twice the limit, so that
// moving costs little.
func (g *group[K]) keep(list []*Event) {
	for _, e := range list {
		if e.Lasting {
			g.recent = append(g.recent, e)
			g.bytes += len(e.JSON)
		}
	}
	limit := min(maxRecent, perMember*len(g.members))
	if len(g.recent) <= 2*limit && g.bytes <= 2*recentBytes {
		return
	}
	n := 0
	for ; len(g.recent)-n > limit || g.bytes > recentBytes; n++ {
		g.bytes -= len(g.recent[n].JSON)
	}
	g.floor = g.recent[n-1].Seq
	g.recent = append([]*Event(nil), g.recent[n:]...)
}

// toAll delivers to the members of a round, on all processors if there are many.
func (g *group[K]) toAll(list []*Event) {
	workers := min(runtime.GOMAXPROCS(0), 1+len(g.round)/perWorker)
	if workers == 1 {
		deliverTo(g.round, list)
		return
	}
	var taken atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for {
				end := int(taken.Add(perWorker))
				if end-perWorker >= len(g.round) {
					return
				}
				deliverTo(g.round[end-perWorker:min(end, len(g.round))], list)
			}
		})
	}
	done.Wait()
}

func deliverTo[K comparable](members []*Member[K], list []*Event) {
	for _, m := range members {
		m.Sink.Deliver(m.sees(since(list, m.after)))
	}
}

// since leaves out what a member has already, and ephemeral events from before it joined.
func since(list []*Event, after int64) []*Event {
	for i, e := range list {
		if e.Seq > after || !e.Lasting && e.Seq == after {
			return list[i:]
		}
	}
	return nil
}

// expel ends the members of a user who may no longer read.
func (g *group[K]) expel(user string) {
	for _, m := range g.round {
		if m.By.ID == user {
			if err := m.MayRead(g.ctx); err != nil {
				m.Sink.End(err)
			}
		}
	}
}

// end tells all members that the feed is over.
func (g *group[K]) end(err error) {
	g.groups.mu.Lock()
	g.groups.forget(g)
	g.groups.mu.Unlock()
	g.mu.Lock()
	g.failed = err
	members := g.members
	g.members = nil
	g.mu.Unlock()
	for _, m := range members {
		m.Sink.End(err)
	}
	g.cancel()
}
