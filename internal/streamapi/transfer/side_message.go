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

// messages gives each page of a channel's messages to fn, oldest first, each with
// the replies to it behind it. Deleted messages are left out, and so is what out counts.
func (s *Side) messages(ctx context.Context, kind, id string, out *LeftOut, fn func(page []raw) error) error {
	from := object{"created_at_after_or_equal": stream.Stamp(time.Unix(0, 0)), "limit": messagesPerPage}
	for {
		var answer struct {
			Messages []raw             `json:"messages"`
			Pending  []json.RawMessage `json:"pending_messages"` // the same with each page
		}
		err := s.do(ctx, stream.QueryMessages, stream.Request{Path: []string{kind, id}, Body: object{"state": true, "messages": from}}, &answer)
		if err != nil {
			return err
		}
		out.Pending = len(answer.Pending)
		page, err := s.withReplies(ctx, answer.Messages, out)
		if err == nil && len(page) > 0 {
			err = fn(page)
		}
		if err != nil || len(answer.Messages) < messagesPerPage {
			return err
		}
		from = object{"id_gt": answer.Messages[len(answer.Messages)-1].id("id"), "limit": messagesPerPage}
	}
}

func (s *Side) withReplies(ctx context.Context, list []raw, out *LeftOut) ([]raw, error) {
	var all []raw
	for _, m := range list {
		if m.object["parent_id"] != nil {
			continue // a reply that the channel shows too; it comes with its parent
		}
		if m.id("type") != "deleted" && restricted(m.object) {
			out.Restricted++
		}
		if m.id("type") != "deleted" && !restricted(m.object) {
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
			if restricted(m.object) || restricted(reply.object) {
				out.Restricted++
			} else {
				all = append(all, reply)
			}
		}
	}
	return all, nil
}

// restricted reports whether a message is for some users only.
func restricted(message object) bool { return !empty(message["restricted_visibility"]) }

// replies returns all replies to a message, oldest first.
func (s *Side) replies(ctx context.Context, parent string) (list []raw, err error) {
	query := url.Values{"limit": {strconv.Itoa(repliesPerPage)}}
	for {
		var answer struct {
			Messages []raw `json:"messages"`
		}
		if err := s.do(ctx, getReplies, stream.Request{Path: []string{parent}, Query: query}, &answer); err != nil {
			return nil, err
		}
		page := sortedByTime(answer.Messages)
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

// messagesByID returns those of the messages that there are.
func (s *Side) messagesByID(ctx context.Context, kind, id string, ids []string) (map[string]raw, error) {
	found := make(map[string]raw, len(ids))
	for some := range slices.Chunk(ids, messagesPerIDs) {
		var answer struct {
			Messages []raw `json:"messages"`
		}
		err := s.do(ctx, getManyMessages, stream.Request{
			Path: []string{kind, id}, Query: url.Values{"ids": {strings.Join(some, ",")}}}, &answer)
		if err != nil {
			return nil, err
		}
		for _, m := range answer.Messages {
			found[m.id("id")] = m
		}
	}
	return found, nil
}

// reactions returns all reactions to a message.
func (s *Side) reactions(ctx context.Context, message string) (list []raw, err error) {
	for offset := 0; ; offset += reactionsPerPage {
		var answer struct {
			Reactions []raw `json:"reactions"`
		}
		err := s.do(ctx, getReactions, stream.Request{Path: []string{message}, Query: url.Values{
			"limit": {strconv.Itoa(reactionsPerPage)}, "offset": {strconv.Itoa(offset)}}}, &answer)
		if err != nil {
			return nil, err
		}
		list = append(list, answer.Reactions...)
		if len(answer.Reactions) < reactionsPerPage || offset >= stream.MaxOffset {
			return list, nil
		}
	}
}
