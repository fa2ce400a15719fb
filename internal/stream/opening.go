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

// opened is what one call tells of a channel: what it is, and its newest messages. A
// page that opens a channel asks for both, at the same time or right after another.
type opened struct {
	channel  wireChannel
	found    bool
	messages []wireMessage // oldest first
	at       time.Time
}

// openings keeps what was opened for a moment, no longer than lists are kept. What
// this server writes empties it, so that nobody misses a change that was made before
// they asked.
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

// open reads a channel with its newest messages, once for all who ask meanwhile.
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
	var answer struct {
		Channels []struct {
			Channel  wireChannel   `json:"channel"`
			Messages []wireMessage `json:"messages"`
		} `json:"channels"`
	}
	one := opened{at: time.Now()}
	err := p.client.Do(ctx, QueryChannels, Request{Body: object{
		"filter_conditions": object{"cid": object{"$eq": cid.String()}}, "sort": []Sorting{NewestFirst}, "limit": 1,
		"state": true, "message_limit": openedMessages, "member_limit": 0,
	}}, &answer)
	if err == nil && len(answer.Channels) > 0 {
		one.found, one.channel, one.messages = true, answer.Channels[0].Channel, answer.Channels[0].Messages
	}
	return one, err
}
