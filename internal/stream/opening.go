package stream

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight" // as in listing.go

	"backchannel/internal/chat"
)

const (
	openedMessages = 120 // newest messages that come with a channel
	openedLifetime = time.Second
	maxOpened      = 1_000
)

// opened is what one call says about a channel: the channel and its newest messages. A page
// that opens a channel asks for both, at the same time or right after another.
type opened struct {
	channel  wireChannel
	found    bool
	messages []wireMessage // oldest first
	limit    int           // how many messages were asked for
	read     []wireRead
	at       time.Time
}

// wireRead is how far somebody has read a channel.
type wireRead struct {
	User      wireUser `json:"user"`
	LastRead  moment   `json:"last_read"`
	MessageID string   `json:"last_read_message_id"`
}

// wireState is a channel with what is asked of its state.
type wireState struct {
	Channel  wireChannel   `json:"channel"`
	Messages []wireMessage `json:"messages"`
	Read     []wireRead    `json:"read"`
}

// openings keeps opened channels for a moment, no longer than lists are kept. This server's
// writes empty it, so that a caller sees all changes made before its call.
type openings struct {
	flights singleflight.Group
	closed  context.Context // ends with the provider

	mu    sync.Mutex
	kept  map[chat.CID]opened
	wrote int64 // own writes so far
}

// forget notes a write.
func (o *openings) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrote++
	clear(o.kept)
}

func (o *openings) look(cid chat.CID, age time.Duration) (kept opened, wrote int64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, ok = o.kept[cid]
	return kept, o.wrote, ok && time.Since(kept.at) < age
}

func (o *openings) keep(cid chat.CID, one opened, wrote int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.wrote != wrote:
		return
	case o.kept == nil || len(o.kept) >= maxOpened:
		o.kept = map[chat.CID]opened{}
	}
	o.kept[cid] = one
}

// open reads a channel with its newest messages, once for all concurrent callers.
func (p *Provider) open(ctx context.Context, cid chat.CID) (opened, error) {
	if err := gone(ctx); err != nil {
		return opened{}, err
	}
	kept, wrote, ok := p.openings.look(cid, min(openedLifetime, p.channels.staleness))
	if ok {
		return kept, nil
	}
	flight := p.openings.flights.DoChan(cid.String()+" "+strconv.FormatInt(wrote, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(p.openings.closed, maxWork)
		defer cancel()
		one, err := p.readOpened(ctx, cid)
		if err == nil {
			p.openings.keep(cid, one, wrote)
		}
		return one, err
	})
	select {
	case <-ctx.Done():
		return opened{}, gone(ctx)
	case landed := <-flight:
		one, _ := landed.Val.(opened)
		return one, landed.Err
	}
}

func (p *Provider) readOpened(ctx context.Context, cid chat.CID) (opened, error) {
	list, err := p.readStates(ctx, object{"cid": object{"$eq": cid.String()}}, NewestFirst, 1, openedMessages)
	if err != nil || len(list) == 0 {
		return opened{at: time.Now()}, err
	}
	return list[0], nil
}

// readStates reads channels with their newest messages.
func (p *Provider) readStates(ctx context.Context, filter object, by Sorting, limit, messages int, once ...bool) ([]opened, error) {
	var answer struct {
		Channels []wireState `json:"channels"`
	}
	err := p.client.Do(ctx, QueryChannels, Request{Once: len(once) > 0, Body: object{
		"filter_conditions": filter, "sort": []Sorting{by}, "limit": limit,
		"state": true, "message_limit": messages, "member_limit": 0,
	}}, &answer)
	at := time.Now() // a page that waited for a slow answer asks for its second part only then
	list := make([]opened, len(answer.Channels))
	for i, w := range answer.Channels {
		list[i] = opened{channel: w.Channel, found: true, messages: w.Messages, limit: messages, read: w.Read, at: at}
	}
	return list, err
}
