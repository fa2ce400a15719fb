package fanout

import (
	"context"
	"slices"

	"backchannel/internal/chat"
)

// catchUp brings a member from its start to where its group is.
type catchUp[K comparable] struct {
	start    Start[K]
	member   *Member[K]
	render   Render
	position int64 // the seq up to which the member has everything
}

// farBehind is how many events a group may begin with: as many as it delivers in
// one go.
const farBehind = maxRound

// approach brings the member near the end of the log. A group waits for nobody, so
// one that began far back would overrun its first member, and be late for the next.
func (c *catchUp[K]) approach(ctx context.Context) error {
	for c.start.Feed.End()-c.position > farBehind {
		list, err := c.read(ctx)
		if err == nil {
			err = c.give(ctx, list)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow catches up with a group and joins it.
func (c *catchUp[K]) follow(ctx context.Context, g *group[K]) error {
	for {
		joined, missed, err := g.admit(c.member, c.position)
		if joined || err != nil {
			return err
		}
		if len(missed) == 0 {
			if missed, err = c.read(ctx); err != nil {
				return err
			}
		}
		if len(missed) == 0 {
			continue
		}
		if err := c.give(ctx, missed); err != nil {
			return err
		}
	}
}

// perSettle is how many events go to a peer before it is waited for: few enough
// for its queue, however long they are.
const perSettle = 16

func (c *catchUp[K]) give(ctx context.Context, list []*Event) error {
	for few := range slices.Chunk(list, perSettle) {
		c.member.Sink.Deliver(few)
		c.position = few[len(few)-1].Seq
		if err := c.member.Sink.Settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read takes the next events from the member's own feed, without the ephemeral
// ones: they are for those who are there.
func (c *catchUp[K]) read(ctx context.Context) ([]*Event, error) {
	events, err := c.start.Feed.Next(ctx)
	if err != nil {
		return nil, err
	}
	if c.render == nil {
		c.render = c.start.Render()
	}
	var list []*Event
	position := c.position
	for i := range events {
		e := &events[i]
		if lasting(e, position) {
			position = e.Seq
			list = append(list, &Event{Seq: e.Seq, Lasting: true, JSON: c.render(e)})
		}
		if concernsReading(e) && e.User.ID == c.member.UserID {
			if err := c.member.MayRead(ctx); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// lasting tells what is in the log from what is only said: that bears the seq of
// the event before.
func lasting(e *chat.Event, position int64) bool {
	switch e.Type {
	case chat.TypingStart, chat.TypingStop, chat.PresenceChanged, chat.AccessChanged:
		return false
	}
	return e.Seq > position
}

// concernsReading reports whether an event can mean that its user may no longer
// read the channel.
func concernsReading(e *chat.Event) bool {
	switch e.Type {
	case chat.MemberRemoved, chat.UserBanned, chat.AccessChanged:
		return true
	}
	return false
}
