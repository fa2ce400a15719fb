package stream

import (
	"context"
	"errors"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const messagePageSize = 300 // the most that Stream gives

// Message implements chat.Provider.
func (p *Provider) Message(ctx context.Context, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	if err := gone(ctx); err != nil {
		return chat.Message{}, err
	}
	w, err := p.messageFor(ctx, by, cid, id)
	if err != nil {
		return chat.Message{}, err
	}
	m, err := p.message(w)
	if err != nil {
		return m, err
	}
	m.Seq = m.CreatedAt.UnixMicro()
	slot := slotOf(m.Seq)
	near, err := p.slots(ctx, cid, slot, slot+slotSeqs)
	for _, other := range near {
		if other.ID == id {
			return other, err
		}
	}
	return m, err // a reply in a thread, which the channel's messages don't show
}

// looked is how many of a channel's messages are read to find the last that isn't
// deleted.
const looked = 5

// LastMessages implements chat.Provider. Replies that are in threads only aren't
// among the messages that Stream gives here.
func (p *Provider) LastMessages(ctx context.Context, cids []chat.CID) (list []chat.Message, err error) {
	last := map[chat.CID]chat.Message{}
	for some := range slices.Chunk(uniqueCIDs(cids), channelPageSize) {
		if err := p.readLast(ctx, some, last); err != nil {
			return nil, err
		}
	}
	for _, cid := range cids {
		if m, ok := last[cid]; ok {
			list = append(list, m)
		}
	}
	return list, nil
}

func (p *Provider) readLast(ctx context.Context, cids []chat.CID, last map[chat.CID]chat.Message) error {
	names := make([]string, len(cids))
	for i, cid := range cids {
		names[i] = cid.String()
	}
	var answer struct {
		Channels []struct {
			Messages []wireMessage `json:"messages"`
		} `json:"channels"`
	}
	err := p.client.do(ctx, queryChannels, request{body: object{
		"filter_conditions": object{"cid": object{"$in": names}}, "sort": []sorting{newestFirst}, "limit": channelPageSize,
		"state": true, "message_limit": looked, "member_limit": 0,
	}}, &answer)
	if err != nil {
		return err
	}
	for _, channel := range answer.Channels {
		for _, w := range channel.Messages {
			m, err := p.message(w)
			if err != nil {
				return err
			}
			if m.DeletedAt.IsZero() {
				m.Seq = m.CreatedAt.UnixMicro()
				last[m.CID] = m // oldest first
			}
		}
	}
	return nil
}

// slots returns the numbered messages of the slots from one to before another.
func (p *Provider) slots(ctx context.Context, cid chat.CID, from, to int64) ([]chat.Message, error) {
	r := messageReader{p: p, cid: cid, size: messagePageSize, where: object{"created_at_after_or_equal": stamp(time.UnixMicro(from))}}
	for !r.ended && (len(r.list) == 0 || r.last().UnixMicro() < to) {
		if err := r.more(ctx, "id_gt"); err != nil {
			return nil, err
		}
	}
	list := slices.DeleteFunc(r.list, func(m chat.Message) bool { return m.CreatedAt.UnixMicro() >= to })
	number(list)
	return list, nil
}

// Messages implements chat.Provider.
func (p *Provider) Messages(ctx context.Context, q chat.MessageQuery) (page chat.Page[chat.Message], err error) {
	if _, err := p.Channel(ctx, q.CID); err != nil {
		return page, err
	}
	r := messageReader{p: p, cid: q.CID, size: min(messagePageSize, q.Limit+20), where: object{}}
	fits := func(m chat.Message) bool {
		return m.Seq > q.After && (q.Before == 0 || m.Seq < q.Before) && m.VisibleTo(q.By)
	}
	var list []chat.Message
	if q.FromEnd {
		list, err = r.backward(ctx, q, fits)
	} else {
		list, err = r.forward(ctx, q, fits)
	}
	if err != nil {
		return page, err
	}
	more := len(list) > q.Limit
	if q.FromEnd {
		page.Items = list[max(0, len(list)-q.Limit):]
		page.HasPrevious, page.HasNext = more, q.Before > 0
		return page, nil
	}
	page.Items = list[:min(len(list), q.Limit)]
	page.HasNext, page.HasPrevious = more, q.After > 0
	return page, nil
}

// messageReader reads on through a channel's messages, a page at a time.
type messageReader struct {
	p     *Provider
	cid   chat.CID
	size  int
	where object // where the next page begins
	list  []chat.Message
	seen  map[string]bool
	ended bool
}

func (r *messageReader) last() time.Time { return r.list[len(r.list)-1].CreatedAt }

// forward reads until one more than the limit is there, or the channel's end.
func (r *messageReader) forward(ctx context.Context, q chat.MessageQuery, fits func(chat.Message) bool) ([]chat.Message, error) {
	r.where["created_at_after_or_equal"] = stamp(time.UnixMicro(slotOf(q.After)))
	for {
		if err := r.more(ctx, "id_gt"); err != nil {
			return nil, err
		}
		whole := slices.Clone(r.list)
		number(whole)
		if !r.ended { // the last slot may go on in the next page
			open := slotOf(whole[len(whole)-1].CreatedAt.UnixMicro())
			whole = slices.DeleteFunc(whole, func(m chat.Message) bool { return slotOf(m.CreatedAt.UnixMicro()) == open })
		}
		found := slices.DeleteFunc(whole, func(m chat.Message) bool { return !fits(m) })
		if r.ended || len(found) > q.Limit {
			return found, nil
		}
	}
}

// backward is forward in the other direction.
func (r *messageReader) backward(ctx context.Context, q chat.MessageQuery, fits func(chat.Message) bool) ([]chat.Message, error) {
	if q.Before > 0 {
		r.where["created_at_before_or_equal"] = stamp(time.UnixMicro(slotOf(q.Before) + slotSeqs - 1))
	}
	for {
		if err := r.more(ctx, "id_lt"); err != nil {
			return nil, err
		}
		whole := slices.Clone(r.list)
		number(whole)
		if !r.ended { // the first slot may have begun in the page before
			open := slotOf(whole[0].CreatedAt.UnixMicro())
			whole = slices.DeleteFunc(whole, func(m chat.Message) bool { return slotOf(m.CreatedAt.UnixMicro()) == open })
		}
		found := slices.DeleteFunc(whole, func(m chat.Message) bool { return !fits(m) })
		if r.ended || len(found) > q.Limit {
			return found, nil
		}
	}
}

var errStuck = errors.New("stream gave a page of messages twice")

// more reads a page and adds it in the order of time. The next page begins beyond
// its end in the direction, id_gt or id_lt.
func (r *messageReader) more(ctx context.Context, direction string) error {
	r.where["limit"] = r.size
	var answer struct {
		Messages []wireMessage `json:"messages"`
	}
	in := request{path: []string{string(r.cid.Type), r.cid.ID}, body: object{"state": true, "messages": r.where}}
	err := r.p.client.do(ctx, queryMessages, in, &answer)
	if err != nil {
		return err
	}
	r.ended = len(answer.Messages) < r.size
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	before := len(r.list)
	for _, w := range answer.Messages {
		if r.seen[w.ID] {
			continue
		}
		m, err := r.p.message(w)
		if err != nil {
			return err
		}
		r.seen[w.ID] = true
		r.list = append(r.list, m)
	}
	if !r.ended && len(r.list) == before {
		return &chat.Error{Code: chat.Unavailable, Message: away.message, Cause: errStuck}
	}
	slices.SortStableFunc(r.list, func(a, b chat.Message) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if n := len(answer.Messages); n > 0 {
		edge := answer.Messages[n-1]
		if direction == "id_lt" {
			edge = answer.Messages[0]
		}
		r.where = object{direction: edge.ID}
		r.size = messagePageSize
	}
	return nil
}
