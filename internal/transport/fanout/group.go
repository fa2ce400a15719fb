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
	maxRound    = 64        // events that all members receive before the next ones
	perWorker   = 32        // members that make a second goroutine worthwhile
	maxRecent   = 256       // rendered events kept for members that are catching up
	recentBytes = 256 << 10 // maximum size of these
	perMember   = 4         // maximum number of these per member, so that small groups need little memory
)

// group is a set of members that share a feed and the rendering of its events.
type group[K comparable] struct {
	groups  *Groups[K]
	key     K
	holders int // members and those that are catching up; guarded by groups.mu
	feed    chat.Feed
	render  Render
	ctx     context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex
	members []*Member[K]
	seq     int64    // of the last event that members have received or are receiving
	recent  []*Event // events in the log: all after floor, up to seq
	bytes   int      // of recent
	floor   int64
	failed  error // why the group has ended

	round []*Member[K] // used by the goroutine that runs the group
}

func newGroup[K comparable](gs *Groups[K], c *catchUp[K]) *group[K] {
	g := &group[K]{groups: gs, key: c.start.Key, feed: c.start.Feed, render: c.start.Render(), seq: c.position}
	g.ctx, g.cancel = context.WithCancel(context.Background()) //nolint:gosec // Leave and end call it
	g.floor = g.seq
	c.member.after, c.member.place = c.position, 0
	g.members = []*Member[K]{c.member}
	return g
}

// admit adds a member that has received everything up to a seq, if the group is at that seq.
// Otherwise it returns the events after the seq, if the group still has them. It fails if the group
// has failed.
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

// run delivers events until the last member has left or the feed fails.
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

// next waits for events. It retries a feed that is unavailable.
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

// roundOf returns how many events to deliver before the rights of members are checked again.
func roundOf(events []chat.Event) int {
	for i := range events[:min(len(events), maxRound)] {
		if concernsReading(&events[i]) {
			return i + 1
		}
	}
	return min(len(events), maxRound)
}

// deliver delivers events to all members. A member that joins during that has received them
// already.
func (g *group[K]) deliver(events []chat.Event) {
	list, seq := g.renderAll(events)
	g.mu.Lock()
	if slices.ContainsFunc(events, chat.Event.AltersMessage) {
		g.recent, g.bytes, g.floor = nil, 0, g.seq // so that members that catch up receive the current version of a message
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

// keep stores rendered events for members that are catching up: up to twice the limit, so that
// copying is rare.
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

// toAll delivers to the members of a round, on all processors if there are many members.
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

// since returns the events that a member hasn't received, without ephemeral events from before it
// joined.
func since(list []*Event, after int64) []*Event {
	for i, e := range list {
		if e.Seq > after || !e.Lasting && e.Seq == after {
			return list[i:]
		}
	}
	return nil
}

// expel ends the memberships of a user who may no longer read.
func (g *group[K]) expel(user string) {
	for _, m := range g.round {
		if m.By.ID == user {
			if err := m.MayRead(g.ctx); err != nil {
				m.Sink.End(err)
			}
		}
	}
}

// end tells all members that the feed has ended.
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
