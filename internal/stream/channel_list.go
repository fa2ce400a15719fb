package stream

import (
	"cmp"
	"context"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// ChannelPageSize is the number of channels that one call lists.
const ChannelPageSize = 30 // Stream's maximum

// channelPage reads one page of channels.
func (p *Provider) channelPage(ctx context.Context, filter object, by Sorting, offset, limit int, once ...bool) ([]wireChannel, error) {
	var answer struct {
		Channels []wireState `json:"channels"`
	}
	err := p.client.Do(ctx, QueryChannels, Request{Once: len(once) > 0, Body: object{
		"filter_conditions": filter, "sort": []Sorting{by}, "limit": limit, "offset": offset,
		"state": false, "message_limit": 0, "member_limit": 0,
	}, About: func() bool { return allWhole(answer.Channels) }}, &answer)
	rows := make([]wireChannel, len(answer.Channels))
	for i, state := range answer.Channels {
		rows[i] = state.Channel
	}
	return rows, err
}

func (p *Provider) channelScan() Scan[chat.Channel] {
	return Scan[chat.Channel]{
		PageSize: ChannelPageSize,
		ID:       func(c chat.Channel) string { return c.CID.String() },
		Times: []TimeField[chat.Channel]{
			{NewestFirst, func(c chat.Channel) time.Time { return c.CreatedAt }},
			{LeastChangedFirst, func(c chat.Channel) time.Time { return c.UpdatedAt }},
		},
		Page: func(ctx context.Context, filter object, by Sorting, offset int) ([]chat.Channel, error) {
			page, err := p.channelPage(ctx, filter, by, offset, ChannelPageSize)
			rows := make([]chat.Channel, len(page))
			for i, w := range page {
				rows[i] = w.channel()
			}
			return rows, err
		},
		Parts: func(ctx context.Context) (parts []object, err error) {
			types, err := p.readTypes(ctx, nil)
			for _, t := range types {
				parts = append(parts, object{"type": object{"$eq": t.Name}})
			}
			return parts, err
		},
	}
}

func (p *Provider) cachedChannels(ctx context.Context, staleness time.Duration) cachedList[chat.Channel] {
	s := p.channelScan()
	return cachedList[chat.Channel]{
		id:        s.ID,
		compare:   compareChannels,
		updated:   func(c chat.Channel) time.Time { return c.UpdatedAt },
		staleness: staleness,
		closed:    ctx,
		read: func(ctx context.Context, p *progress[chat.Channel]) ([]chat.Channel, error) {
			return s.goOn(ctx, object{}, p)
		},
	}
}

func compareChannels(a, b chat.Channel) int {
	return byName(a.Name, a.CID.String(), b.Name, b.CID.String())
}

// AllChannels implements chat.Provider. The list is at most as old as configured, and always
// includes this server's own writes.
func (p *Provider) AllChannels(ctx context.Context) ([]chat.Channel, error) {
	return p.channels.get(ctx)
}

// Channels implements chat.Provider. Stream can neither sort nor search without regard to case, so
// the page is taken from the whole list.
func (p *Provider) Channels(ctx context.Context, q chat.ChannelQuery) (page chat.Page[chat.Channel], err error) {
	var list []chat.Channel
	if q.Member == "" {
		list, err = p.channels.get(ctx)
	} else {
		list, err = p.channelsOf(ctx, q.Member)
	}
	if err != nil {
		return page, err
	}
	search := fold.Text(strings.TrimSpace(q.Search))
	return pageOf(list, q.Limit, q.After,
		func(c chat.Channel, at chat.Position) int {
			return cmp.Or(cmp.Compare(fold.Key(c.Name), at.NameKey), cmp.Compare(c.CID.String(), at.ID))
		},
		func(c chat.Channel) bool {
			return (q.Type == "" || c.CID.Type == q.Type) && contains(search, c.Name, c.CID.ID)
		}), nil
}
