package fanout

import (
	"context"

	"backchannel/internal/chat"
)

// catchUp brings a member from its start to the position of its group.
type catchUp[K comparable] struct {
	start    Start[K]
	member   *Member[K]
	render   Render
	position int64 // the seq up to which the member has everything
}

// farBehind is the maximum number of events that a new group starts with: as many as one round
// delivers.
const farBehind = maxRound

// approach brings the member near the end of the log. A group doesn't wait for its members: a group
// that starts far back would be too fast for its first member, and too slow for the next.
func (c *catchUp[K]) approach(ctx context.Context) error {
	if !c.isFar(c.position) {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := make(chan batch)
	go c.readAhead(ctx, ahead)
	for b := range ahead {
		err := b.err
		if err == nil {
			err = c.show(ctx, b.events)
		}
		if err != nil {
			cancel()
			for range ahead { // drain until nobody reads the feed
			}
			return err
		}
	}
	return nil
}

func (c *catchUp[K]) isFar(position int64) bool { return c.start.Feed.End()-position > farBehind }

// batch is the result of reading a feed once.
type batch struct {
	events []chat.Event
	err    error
}

// readAhead reads the next events while the previous ones are delivered to the member.
func (c *catchUp[K]) readAhead(ctx context.Context, to chan<- batch) {
	defer close(to)
	for position := c.start.Feed.Start; c.isFar(position); {
		events, err := c.start.Feed.Next(ctx)
		select {
		case to <- batch{events, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		position = events[len(events)-1].Seq
	}
}

// follow catches up with a group and joins it.
func (c *catchUp[K]) follow(ctx context.Context, g *group[K]) error {
	for {
		joined, missed, err := g.admit(c.member, c.position)
		switch {
		case joined || err != nil:
			return err
		case len(missed) > 0:
			err = c.give(ctx, missed)
		default:
			var events []chat.Event
			if events, err = c.start.Feed.Next(ctx); err == nil {
				err = c.show(ctx, events)
			}
		}
		if err != nil {
			return err
		}
	}
}

// show renders events from the member's own feed and delivers them, except ephemeral events, which
// only members that have caught up receive.
func (c *catchUp[K]) show(ctx context.Context, events []chat.Event) error {
	if c.render == nil {
		c.render = c.start.Render()
	}
	list, position := make([]*Event, 0, len(events)), c.position
	for i := range events {
		e := &events[i]
		if lasting(e, position) {
			position = e.Seq
			list = append(list, rendered(e, true, c.render(e)))
		}
		if concernsReading(e) && e.User.ID == c.member.By.ID {
			if err := c.member.MayRead(ctx); err != nil {
				return err
			}
		}
	}
	return c.give(ctx, list)
}

// After so many events or bytes a member waits for its peer. The queue has room for that many.
const (
	perSettle      = 64
	bytesPerSettle = 64 << 10
)

// give delivers events, no faster than the peer receives them.
func (c *catchUp[K]) give(ctx context.Context, list []*Event) error {
	for len(list) > 0 {
		n := settling(list)
		c.member.Sink.Deliver(c.member.sees(list[:n]))
		c.position = list[n-1].Seq
		if err := c.member.Sink.Settle(ctx); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// settling returns how many of the events to deliver before waiting for the peer.
func settling(list []*Event) int {
	size := 0
	for n, e := range list[:min(len(list), perSettle)] {
		if size += len(e.JSON); size > bytesPerSettle {
			return n + 1
		}
	}
	return min(len(list), perSettle)
}

// lasting reports whether an event is in the log. Ephemeral events have the seq of the event
// before.
func lasting(e *chat.Event, position int64) bool {
	switch e.Type {
	case chat.TypingStart, chat.TypingStop, chat.PresenceChanged, chat.AccessChanged:
		return false
	}
	return e.Seq > position && e.Custom == ""
}

// concernsReading reports whether an event may mean that its user may no longer read the channel.
func concernsReading(e *chat.Event) bool {
	switch e.Type {
	case chat.MemberRemoved, chat.UserBanned, chat.AccessChanged:
		return true
	}
	return false
}
