package stream

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// figuresAge is the maximum age of the lists that an overview counts, since reading a whole list
// can take many calls.
const figuresAge = time.Minute

// Overview implements chat.Provider. Stream doesn't report the number of messages.
func (p *Provider) Overview(ctx context.Context) (o chat.Overview, err error) {
	channels, err := p.channels.within(ctx, figuresAge)
	if err != nil {
		return o, err
	}
	users, err := p.users.within(ctx, figuresAge)
	return chat.Overview{Channels: int64(len(channels)), Users: int64(len(users))}, err
}

// Highlights implements chat.Provider, as far as the list of channels allows.
func (p *Provider) Highlights(ctx context.Context) (h chat.Highlights, err error) {
	list, err := p.channels.within(ctx, figuresAge)
	if err != nil {
		return h, err
	}
	active := func(c chat.Channel) time.Time {
		if c.LastMessageAt.IsZero() {
			return c.CreatedAt
		}
		return c.LastMessageAt
	}
	h.Newest = slices.SortedFunc(slices.Values(list), func(a, b chat.Channel) int { return b.CreatedAt.Compare(a.CreatedAt) })
	h.Silent = slices.SortedFunc(slices.Values(list), func(a, b chat.Channel) int { return active(a).Compare(active(b)) })
	since := time.Now().Add(-chat.SilentAfter)
	h.Silent = slices.DeleteFunc(h.Silent, func(c chat.Channel) bool { return active(c).After(since) })
	h.Newest = h.Newest[:min(len(h.Newest), chat.HighlightsListed)]
	h.Silent = h.Silent[:min(len(h.Silent), chat.HighlightsListed)]
	return h, nil
}
