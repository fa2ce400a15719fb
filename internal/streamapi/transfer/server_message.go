package transfer

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/stream"
)

// messages passes each page of a channel's messages to fn, oldest first. The replies to a message
// follow it. Deleted messages and those that out counts are left out.
func (s *Server) messages(ctx context.Context, kind, id string, out *LeftOut, fn func(page []raw) error) error {
	from := object{"created_at_after_or_equal": stream.Stamp(time.Unix(0, 0)), "limit": messagesPerPage}
	for {
		a, err := s.do(ctx, stream.QueryMessages, stream.Request{Path: []string{kind, id}, Body: object{"state": true, "messages": from}})
		if err != nil {
			return err
		}
		out.Pending = len(a.Pending)
		page, err := s.withReplies(ctx, a.Messages, out)
		if err == nil && len(page) > 0 {
			err = fn(page)
		}
		if err != nil || len(a.Messages) < messagesPerPage {
			return err
		}
		from = object{"id_gt": a.Messages[len(a.Messages)-1].id("id"), "limit": messagesPerPage}
	}
}

func (s *Server) withReplies(ctx context.Context, list []raw, out *LeftOut) ([]raw, error) {
	var all []raw
	for _, m := range list {
		if m.object["parent_id"] != nil {
			continue // a reply that is also shown in the channel; it comes with its parent
		}
		switch {
		case m.id("type") == "deleted":
		case unposted(m):
			out.Unposted++
		case restricted(m.object):
			out.Restricted++
		default:
			all = append(all, m)
		}
		count, _ := m.object["reply_count"].(json.Number)
		if n, _ := count.Int64(); n == 0 || m.id("type") == "deleted" {
			continue
		}
		replies, err := s.replies(ctx, m.id("id"))
		if err != nil {
			return nil, err
		}
		for _, reply := range replies {
			switch {
			case unposted(reply):
				out.Unposted++
			case restricted(m.object) || restricted(reply.object):
				out.Restricted++
			default:
				all = append(all, reply)
			}
		}
	}
	return all, nil
}

// restricted reports whether only some users may see a message.
func restricted(message object) bool { return !empty(message["restricted_visibility"]) }

// replies returns all replies to a message, oldest first.
func (s *Server) replies(ctx context.Context, parent string) (list []raw, err error) {
	query := url.Values{"limit": {strconv.Itoa(repliesPerPage)}}
	for {
		a, err := s.do(ctx, getReplies, stream.Request{Path: []string{parent}, Query: query})
		if err != nil {
			return nil, err
		}
		page := sortedByTime(a.Messages)
		for _, m := range page {
			if m.id("type") != "deleted" {
				list = append(list, m)
			}
		}
		if len(page) < repliesPerPage {
			return sortedByTime(list), nil
		}
		query.Set("id_lt", page[0].id("id"))
	}
}

// messagesByID returns the messages that exist.
func (s *Server) messagesByID(ctx context.Context, kind, id string, ids []string) (map[string]raw, error) {
	found := make(map[string]raw, len(ids))
	for some := range slices.Chunk(ids, messagesPerIDs) {
		a, err := s.do(ctx, getManyMessages, stream.Request{
			Path: []string{kind, id}, Query: url.Values{"ids": {strings.Join(some, ",")}}})
		if err != nil {
			return nil, err
		}
		for _, m := range a.Messages {
			found[m.id("id")] = m
		}
	}
	return found, nil
}

// reactions returns the reactions to a message, up to the largest offset that a server accepts.
func (s *Server) reactions(ctx context.Context, message string) (list []raw, err error) {
	for offset := 0; ; offset += reactionsPerPage {
		a, err := s.do(ctx, getReactions, stream.Request{Path: []string{message}, Query: url.Values{
			"limit": {strconv.Itoa(reactionsPerPage)}, "offset": {strconv.Itoa(offset)}}})
		if err != nil {
			return nil, err
		}
		list = append(list, a.Reactions...)
		if len(a.Reactions) < reactionsPerPage || offset >= stream.MaxOffset {
			return list, nil
		}
	}
}

// reactionsOf returns how many reactions a message has according to its counts.
func reactionsOf(message raw) (n int) {
	counts, _ := message.object["reaction_counts"].(object)
	for _, count := range counts {
		number, _ := count.(json.Number)
		one, _ := number.Int64()
		n += int(one)
	}
	return n
}
