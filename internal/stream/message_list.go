package stream

import (
	"cmp"
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/stream/seq"
)

// Message implements chat.Provider. What Stream has just answered to a change of the message isn't
// asked for again.
func (p *Provider) Message(ctx context.Context, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	if err := gone(ctx); err != nil {
		return chat.Message{}, err
	}
	w, kept := p.openings.lookAtMessage(id, p.openedFor())
	if !kept || w.CID != cid.String() || !w.seenBy().VisibleTo(by) {
		var err error
		if w, err = p.messageFor(ctx, by, cid, id); err != nil {
			return chat.Message{}, err
		}
	}
	m := p.message(cid, w)
	m.Seq = m.CreatedAt.UnixMicro()
	slot := seq.Slot(m.Seq)
	near, err := p.slots(ctx, cid, slot, slot+seq.InSlot)
	for _, other := range near {
		if other.ID == id {
			return other, err
		}
	}
	return m, err // a reply that the search doesn't find yet
}

// looked is the number of a channel's messages that are read to find the last one that isn't
// deleted.
const looked = 5

// LastMessages implements chat.Provider. Replies that are shown only in threads aren't among the
// messages that Stream returns here.
func (p *Provider) LastMessages(ctx context.Context, cids []chat.CID) (list []chat.Message, err error) {
	last := map[chat.CID]chat.Message{}
	for some := range slices.Chunk(uniqueCIDs(cids), ChannelPageSize) {
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
	list, err := p.readStates(ctx, stateQuery{filter: object{"cid": object{"$in": names}}, by: NewestFirst, limit: ChannelPageSize, messages: looked})
	for _, one := range list {
		for _, w := range one.messages {
			m := p.message(one.channel.channel().CID, w)
			if m.DeletedAt.IsZero() {
				m.Seq = m.CreatedAt.UnixMicro()
				last[m.CID] = m // oldest first
			}
		}
	}
	return err
}

// slots returns the numbered messages of the slots from one up to, but not including, another.
func (p *Provider) slots(ctx context.Context, cid chat.CID, from, to int64) ([]chat.Message, error) {
	r := p.messageReader(cid, messageSpan{after: from, before: to, limit: repliesPageSize})
	for {
		whole, ended, err := r.more(ctx)
		if err != nil {
			return nil, err
		}
		list := slices.DeleteFunc(whole, func(m chat.Message) bool { return m.CreatedAt.UnixMicro() >= to })
		if ended || len(list) < len(whole) {
			return list, nil
		}
	}
}

// Messages implements chat.Provider. The first page of the newest messages comes with the channel
// itself.
func (p *Provider) Messages(ctx context.Context, q chat.MessageQuery) (page chat.Page[chat.Message], err error) {
	if err := gone(ctx); err != nil {
		return page, err
	}
	span := messageSpan{fromEnd: q.FromEnd, after: seq.Slot(q.After), limit: q.Limit + 20}
	if q.Before > 0 {
		span.before = seq.Slot(q.Before) + seq.InSlot
	}
	r := p.messageReader(q.CID, span)
	if q.FromEnd && q.Before == 0 && q.Limit <= openedMessages-20 {
		r.sources[0] = &openedSource{p: p, cid: q.CID, rest: r.sources[0]}
	}
	var list []chat.Message
	for ended := false; !ended && len(list) <= q.Limit; {
		var whole []chat.Message
		if whole, ended, err = r.more(ctx); err != nil {
			return page, p.missingChannel(ctx, q.CID, err)
		}
		list = slices.DeleteFunc(whole, func(m chat.Message) bool {
			return m.Seq <= q.After || q.Before > 0 && m.Seq >= q.Before || !m.VisibleTo(q.By)
		})
	}
	if err := q.Took(list); err != nil {
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

// missingChannel converts an error about a channel's messages: if the channel doesn't exist, Stream
// reports invalid input.
func (p *Provider) missingChannel(ctx context.Context, cid chat.CID, err error) error {
	if !said(err, codeInput) && !said(err, codeDoesNotExist) {
		return err
	}
	if _, found, failed := p.channel(ctx, cid); failed != nil || found {
		return cmp.Or(failed, err)
	}
	return chat.NoChannel("cid")
}
