package stream

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup" // as in scan.go

	"backchannel/internal/chat"
	"backchannel/internal/stream/seq"
)

// A channel's messages come from two sources at Stream: the channel itself, and for replies that
// are shown only in threads, a search. A messageReader reads both a page at a time and merges them
// by time.

const (
	messagePageSize = 300 // Stream's maximum
	repliesPageSize = 100 // Stream's maximum for a search
)

// messageSpan is the part of a channel's messages to read, in microseconds.
type messageSpan struct {
	fromEnd       bool  // read backward
	after, before int64 // the first time, and the one after the last; 0 for no bound
	limit         int   // the number of messages that the caller wants, for the first page
}

// messageSource returns messages in one direction.
type messageSource interface {
	// next reads a page, in any order. ended means that there are no more pages.
	next(ctx context.Context) (page []wireMessage, ended bool, err error)
}

// messageReader reads the sources of a channel's messages.
type messageReader struct {
	p       *Provider
	cid     chat.CID
	fromEnd bool
	sources []messageSource
	reached []time.Time // how far each source was read
	ended   []bool
	list    []chat.Message
	seen    map[string]int // by id, the bits of the sources that returned it: replies may also be shown in the channel
}

func (p *Provider) messageReader(cid chat.CID, span messageSpan) *messageReader {
	return &messageReader{
		p: p, cid: cid, fromEnd: span.fromEnd, seen: map[string]int{}, reached: make([]time.Time, 2), ended: make([]bool, 2),
		sources: []messageSource{
			&channelSource{p: p, cid: cid, fromEnd: span.fromEnd, size: min(messagePageSize, span.limit), where: span.moments()},
			&replySource{p: p, cid: cid, span: span},
		},
	}
}

// moments returns the request for the part of the channel that the span starts with.
func (s messageSpan) moments() object {
	switch {
	case s.fromEnd && s.before > 0:
		return object{"created_at_before_or_equal": Stamp(time.UnixMicro(s.before - 1))}
	case s.fromEnd:
		return object{}
	}
	return object{"created_at_after_or_equal": Stamp(time.UnixMicro(s.after))}
}

// more reads a page of each source that is behind the others. It returns all messages up to where
// all sources were read, numbered. It omits the slot at that edge, which may be incomplete.
func (r *messageReader) more(ctx context.Context) (whole []chat.Message, ended bool, err error) {
	edge, open := r.edge()
	g, gctx := errgroup.WithContext(ctx)
	pages := make([][]wireMessage, len(r.sources))
	for i, source := range r.sources {
		if r.ended[i] || open && !r.reached[i].Equal(edge) {
			continue
		}
		g.Go(func() (err error) {
			pages[i], r.ended[i], err = source.next(gctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, false, err
	}
	for i, page := range pages {
		if fresh := r.add(i, page); !fresh && len(page) > 0 && !r.ended[i] {
			return nil, false, &chat.Error{Code: chat.Unavailable, Message: away.message, Cause: errStuck}
		}
	}
	whole = slices.Clone(r.list)
	seq.Assign(whole)
	edge, open = r.edge()
	if !open {
		return whole, true, nil
	}
	slot := seq.Slot(edge.UnixMicro())
	return slices.DeleteFunc(whole, func(m chat.Message) bool {
		at := seq.Slot(m.CreatedAt.UnixMicro())
		return r.fromEnd && at <= slot || !r.fromEnd && at >= slot
	}), false, nil
}

// edge returns how far all sources were read; open is false if all have ended.
func (r *messageReader) edge() (edge time.Time, open bool) {
	for i, at := range r.reached {
		if !r.ended[i] && (!open || r.fromEnd == at.After(edge)) {
			edge, open = at, true
		}
	}
	return edge, open
}

// add takes a source's page. It reports whether any of it is new from that source.
func (r *messageReader) add(source int, page []wireMessage) (fresh bool) {
	for _, w := range page {
		if at := w.CreatedAt.Time; r.reached[source].IsZero() || r.fromEnd == at.Before(r.reached[source]) {
			r.reached[source] = at
		}
		had := r.seen[w.ID]
		fresh = fresh || had&(1<<source) == 0
		r.seen[w.ID] = had | 1<<source
		if had == 0 {
			r.list = append(r.list, r.p.message(r.cid, w))
		}
	}
	return fresh
}

// channelSource returns a channel's own messages.
type channelSource struct {
	p       *Provider
	cid     chat.CID
	fromEnd bool
	size    int
	where   object // the start of the next page
}

var errStuck = errors.New("stream gave a page of messages twice")

func (s *channelSource) next(ctx context.Context) (page []wireMessage, ended bool, err error) {
	s.where["limit"] = s.size
	var answer struct {
		Messages []wireMessage `json:"messages"`
	}
	in := Request{Path: []string{string(s.cid.Type), s.cid.ID}, Body: object{"state": true, "messages": s.where}, About: func() bool { return allWhole(answer.Messages) }}
	if err := s.p.client.Do(ctx, QueryMessages, in, &answer); err != nil {
		return nil, false, err
	}
	ended = len(answer.Messages) < s.size
	s.goOn(answer.Messages)
	return answer.Messages, ended, nil
}

// goOn sets the start of the next page after this one.
func (s *channelSource) goOn(page []wireMessage) {
	if len(page) == 0 {
		return
	}
	s.size = messagePageSize
	edge, direction := page[len(page)-1].ID, "id_gt"
	if s.fromEnd {
		edge, direction = page[0].ID, "id_lt"
	}
	s.where = object{direction: edge}
}

// openedSource returns first the newest messages, which come with the channel.
type openedSource struct {
	p    *Provider
	cid  chat.CID
	rest messageSource
	read bool
}

func (s *openedSource) next(ctx context.Context) (page []wireMessage, ended bool, err error) {
	if s.read {
		return s.rest.next(ctx)
	}
	o, err := s.p.open(ctx, s.cid)
	if err == nil && !o.found {
		err = chat.NoChannel("cid")
	}
	if err != nil {
		return nil, false, err
	}
	s.read = true
	if rest, ok := s.rest.(*channelSource); ok {
		rest.goOn(o.messages)
	}
	return o.messages, len(o.messages) < openedMessages, nil
}

// replySource returns the replies in a channel's threads.
type replySource struct {
	p    *Provider
	cid  chat.CID
	span messageSpan
	from string // Stream's cursor
}

func (s *replySource) next(ctx context.Context) (page []wireMessage, ended bool, err error) {
	if s.from == "" && s.span.fromEnd && s.span.after == 0 && s.span.before == 0 {
		newest, err := s.p.newestReplies(ctx, s.cid)
		s.from = newest.next
		return newest.list, s.from == "", err
	}
	page, err = s.search(ctx)
	return page, s.from == "", err
}

// search reads a page. from is "" after the last one.
func (s *replySource) search(ctx context.Context) (page []wireMessage, err error) {
	where := []object{{"parent_id": object{"$exists": true}}}
	if s.span.after > 0 {
		where = append(where, object{"created_at": object{"$gte": Stamp(time.UnixMicro(s.span.after))}})
	}
	if s.span.before > 0 {
		where = append(where, object{"created_at": object{"$lt": Stamp(time.UnixMicro(s.span.before))}})
	}
	order := Sorting{"created_at", 1}
	if s.span.fromEnd {
		order = NewestFirst
	}
	page, next, err := s.p.searchPage(ctx, object{
		"filter_conditions":         object{"cid": object{"$eq": s.cid.String()}},
		"message_filter_conditions": and(where), "sort": []Sorting{order}, "limit": min(repliesPageSize, s.span.limit),
	}, s.from, false)
	if refusedSearch(err) {
		s.p.logger.Warn("Stream doesn't search a channel, so replies in threads are missing", "type", s.cid.Type, "error", err)
		return nil, nil
	}
	s.from = next
	return page, err
}

// foundMessage is a result of a search.
type foundMessage struct {
	Message wireMessage `json:"message"`
}

func (f foundMessage) whole() bool { return f.Message.whole() }

// searchPage reads a page of a search for messages, from a cursor on unless that is "". next is the
// cursor of the next page, "" after the last one.
func (p *Provider) searchPage(ctx context.Context, question object, from string, once bool) (page []wireMessage, next string, err error) {
	if from != "" {
		question["next"] = from
	}
	query, err := Payload(question)
	if err != nil {
		return nil, "", err
	}
	var answer struct {
		Results []foundMessage `json:"results"`
		Next    string         `json:"next"`
	}
	in := Request{Query: query, Once: once, About: func() bool { return allWhole(answer.Results) }}
	if err := p.client.Do(ctx, searchMessages, in, &answer); err != nil || len(answer.Results) == 0 {
		return nil, "", err
	}
	for _, found := range answer.Results {
		page = append(page, found.Message)
	}
	return page, answer.Next, nil
}

// refusedSearch reports whether the channel's type can't be searched.
func refusedSearch(err error) bool { return said(err, codeNoFeature) || said(err, codeNotAllowed) }
