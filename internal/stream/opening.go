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
	openedMessages = 120 // newest messages that are read with a channel
	openedMembers  = 100 // members that are read with a channel if they matter; Stream's maximum
	openedLifetime = time.Second
	maxOpened      = 1_000
)

// opened is what one call returns about a channel: the channel and its newest messages. A page that
// opens a channel needs both, at the same time or shortly after each other.
type opened struct {
	channel  wireChannel
	found    bool
	messages []wireMessage // oldest first
	replies  []wireMessage // the newest ones, if they were read
	limit    int           // the requested number of messages
	read     []wireRead
	members  []wireMember // some, if they were read
	at       time.Time
	asked    int64 // the end of the channel's log before the call; 0 if there was none
}

// wireRead is how far a user has read a channel.
type wireRead struct {
	User      wireUser `json:"user"`
	LastRead  moment   `json:"last_read"`
	MessageID string   `json:"last_read_message_id"`
}

// wireState is a channel with the requested parts of its state.
type wireState struct {
	Channel  wireChannel   `json:"channel"`
	Messages []wireMessage `json:"messages"`
	Read     []wireRead    `json:"read"`
	Members  []wireMember  `json:"members"`
}

func (w wireState) whole() bool {
	return w.Channel.whole() && allWhole(w.Messages) && allWhole(w.Members)
}

// openedReplies are a channel's newest replies, from one search.
type openedReplies struct {
	list []wireMessage
	next string // cursor of the next page; "" if these are all
	at   time.Time

	asked int64 // see opened
}

// openings caches opened channels and their newest replies briefly, no longer than lists, and the message
// that was changed last. This server's writes empty it, so that callers see all changes made before their calls.
type openings struct {
	flights singleflight.Group
	closed  context.Context // ends with the provider

	mu      sync.Mutex
	kept    map[chat.CID]opened
	replies map[chat.CID]openedReplies
	message wireMessage // the answer to the last write, if that was of a message
	told    time.Time   // when it came
	wrote   int64       // number of own writes so far
}

// forget records a write.
func (o *openings) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrote++
	clear(o.kept)
	clear(o.replies)
	o.message = wireMessage{}
}

// keepMessage keeps what Stream answered to a change of a message, until the next write.
func (o *openings) keepMessage(w wireMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.message, o.told = w, time.Now()
}

func (o *openings) lookAtMessage(id string, age time.Duration) (kept wireMessage, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.message, id != "" && o.message.ID == id && time.Since(o.told) < age
}

func (o *openings) look(cid chat.CID, age time.Duration) (kept opened, wrote int64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, ok = o.kept[cid]
	return kept, o.wrote, ok && time.Since(kept.at) < age
}

func (o *openings) lookAtReplies(cid chat.CID, age time.Duration) (kept openedReplies, wrote int64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, ok = o.replies[cid]
	return kept, o.wrote, ok && time.Since(kept.at) < age
}

// keep stores in a map what was read after that many own writes.
func keep[T any](o *openings, kept *map[chat.CID]T, cid chat.CID, one T, wrote int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.wrote != wrote:
		return
	case *kept == nil || len(*kept) >= maxOpened:
		*kept = map[chat.CID]T{}
	}
	(*kept)[cid] = one
}

// keepTogether keeps a channel and its replies as long as the one that was read last, since a page
// that waited for a slow answer asks for the messages only then.
func (o *openings) keepTogether(cid chat.CID, one opened, replies openedReplies) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := one.at
	if replies.at.After(at) {
		at = replies.at
	}
	if kept, ok := o.kept[cid]; ok && kept.at.Equal(one.at) {
		kept.at = at
		o.kept[cid] = kept
	}
	if kept, ok := o.replies[cid]; ok && kept.at.Equal(replies.at) {
		kept.at = at
		o.replies[cid] = kept
	}
}

// openedFor returns how long what was opened is kept.
func (p *Provider) openedFor() time.Duration { return min(openedLifetime, p.channels.staleness) }

// open reads a channel with its newest messages, once for all concurrent callers.
func (p *Provider) open(ctx context.Context, cid chat.CID) (opened, error) {
	if err := gone(ctx); err != nil {
		return opened{}, err
	}
	kept, wrote, ok := p.openings.look(cid, p.openedFor())
	if ok {
		return kept, nil
	}
	return once(ctx, p, "channel", cid, wrote, func(ctx context.Context) (opened, error) { return p.readOpened(ctx, cid, wrote, 0) })
}

// openWithMembers reads a channel with members, which decide who may act, and are therefore never
// kept ones. It also reads the newest messages if they are wanted, once for all concurrent callers, and keeps them.
func (p *Provider) openWithMembers(ctx context.Context, cid chat.CID, messages bool) (opened, error) {
	if err := gone(ctx); err != nil {
		return opened{}, err
	}
	if messages {
		_, wrote, _ := p.openings.look(cid, 0)
		return once(ctx, p, "members", cid, wrote, func(ctx context.Context) (opened, error) {
			return p.readOpened(ctx, cid, wrote, openedMembers)
		})
	}
	list, err := p.readStates(ctx, stateQuery{filter: object{"cid": object{"$eq": cid.String()}}, by: NewestFirst, limit: 1, messages: 1, members: openedMembers})
	if err != nil || len(list) == 0 {
		return opened{}, err
	}
	return list[0], nil
}

// newestReplies reads the newest replies of a channel, once for all concurrent callers.
func (p *Provider) newestReplies(ctx context.Context, cid chat.CID) (openedReplies, error) {
	kept, wrote, ok := p.openings.lookAtReplies(cid, p.openedFor())
	if ok {
		return kept, nil
	}
	return once(ctx, p, "replies", cid, wrote, func(ctx context.Context) (one openedReplies, err error) {
		log, _, err := p.store.HostedLog(ctx, cid)
		if err != nil {
			return one, err
		}
		s := &replySource{p: p, cid: cid, span: messageSpan{fromEnd: true, limit: repliesPageSize}}
		if one.list, err = s.search(ctx); err == nil {
			one.next, one.at, one.asked = s.from, time.Now(), log.Seq
			keep(&p.openings, &p.openings.replies, cid, one, wrote)
		}
		return one, err
	})
}

// once reads something of a channel, once for all callers that have seen the same own writes.
func once[T any](ctx context.Context, p *Provider, what string, cid chat.CID, wrote int64, read func(context.Context) (T, error)) (one T, err error) {
	flight := p.openings.flights.DoChan(what+" "+cid.String()+" "+strconv.FormatInt(wrote, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(p.openings.closed, maxWork)
		defer cancel()
		return read(ctx)
	})
	select {
	case <-ctx.Done():
		return one, gone(ctx)
	case landed := <-flight:
		one, _ = landed.Val.(T)
		return one, landed.Err
	}
}

// readOpened reads a channel with its newest messages and some members, and keeps it unless there was an own write since.
func (p *Provider) readOpened(ctx context.Context, cid chat.CID, wrote int64, members int) (opened, error) {
	log, _, err := p.store.HostedLog(ctx, cid)
	if err != nil {
		return opened{}, err
	}
	list, err := p.readStates(ctx, stateQuery{filter: object{"cid": object{"$eq": cid.String()}}, by: NewestFirst, limit: 1, messages: openedMessages, members: members})
	if err != nil {
		return opened{}, err
	}
	one := opened{at: time.Now()}
	if len(list) > 0 {
		one = list[0]
		one.asked = log.Seq
	}
	keep(&p.openings, &p.openings.kept, cid, one, wrote)
	return one, nil
}

// stateQuery asks for channels with parts of their state.
type stateQuery struct {
	filter                   object
	by                       Sorting
	limit, messages, members int  // how many at most
	once                     bool // see [Request]
}

// readStates reads channels with their newest messages and some members.
func (p *Provider) readStates(ctx context.Context, q stateQuery) ([]opened, error) {
	var answer struct {
		Channels []wireState `json:"channels"`
	}
	err := p.client.Do(ctx, QueryChannels, Request{Once: q.once, Body: object{
		"filter_conditions": q.filter, "sort": []Sorting{q.by}, "limit": q.limit,
		"state": true, "message_limit": q.messages, "member_limit": q.members,
	}, About: func() bool { return allWhole(answer.Channels) }}, &answer)
	at := time.Now() // a page that waited for a slow answer asks for its second part only then
	list := make([]opened, len(answer.Channels))
	for i, w := range answer.Channels {
		list[i] = opened{channel: w.Channel, found: true, messages: w.Messages, limit: q.messages, read: w.Read, members: w.Members, at: at}
	}
	return list, err
}
