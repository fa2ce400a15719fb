package streamapi

import (
	"maps"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// updateMessage replaces what a message says.
func (s *Server) updateMessage(c *call) (any, error) {
	var req struct {
		Message messageRequest `json:"message"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	by, err := s.user(c.Context(), req.Message.UserID, req.Message.User)
	if err != nil {
		return nil, err
	}
	id := c.part("id")
	err = s.engine.ChangeMessage(c.Context(), asServer(by), chat.CID{}, id, func(m *chat.Message) error {
		if err := req.Message.fill(m); err != nil {
			return err
		}
		req.Message.pin(m, by, s.engine.Now())
		return checkText(*m)
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

// reservedFields are fields of messages that partial updates don't change.
var reservedFields = []string{
	"id", "cid", "type", "user", "user_id", "created_at", "updated_at", "deleted_at", "pinned_at", "pinned_by", "parent_id",
	"silent", "shadowed", "reply_count", "deleted_reply_count", "latest_reactions", "own_reactions", "reaction_counts",
	"reaction_scores", "reaction_groups", "quoted_message", "thread_participants", "message_text_updated_at", "member",
	"restricted_visibility", "poll_id", "poll", "shared_location", "command", "i18n",
}

// updateMessagePartial sets and removes single fields.
func (s *Server) updateMessagePartial(c *call) (any, error) {
	p, by, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	id := c.part("id")
	err = s.engine.ChangeMessage(c.Context(), asServer(by), chat.CID{}, id, func(m *chat.Message) error {
		return patchMessage(m, p, by, s.engine.Now())
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

func patchMessage(m *chat.Message, p patch, by string, now time.Time) error {
	for _, name := range append(slices.Collect(maps.Keys(p.set)), p.unset...) {
		if first, _, _ := strings.Cut(name, "."); slices.Contains(reservedFields, first) {
			return invalid("%q is a reserved field: it can't be set or unset", first)
		}
	}
	pinned, until := !m.PinnedAt.IsZero(), m.PinExpires
	mentioned := chat.IDs(m.Mentions)
	fields := map[string]any{
		"text": &m.Text, "html": &m.HTML, "mml": &m.MML, "attachments": &m.Attachments, "mentioned_users": &mentioned,
		"pinned": &pinned, "pin_expires": &until, "show_in_channel": &m.ShowInChannel, "quoted_message_id": &m.QuotedID,
	}
	if err := p.apply(fields, &m.Custom); err != nil {
		return err
	}
	mentioned, refused := chat.FoldMentions(mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = chat.Users(mentioned)
	m.Pin(pinned, until, by, now)
	return checkText(*m)
}

func (s *Server) deleteMessage(c *call) (any, error) {
	query := c.URL.Query()
	id, hard, forMe := c.part("id"), query.Get("hard") == "true", query.Get("delete_for_me") == "true"
	if hard && forMe {
		return nil, invalid("hard and delete_for_me can't be combined")
	}
	by, err := s.user(c.Context(), query.Get("deleted_by"), nil)
	if err != nil {
		return nil, err
	}
	if forMe {
		if by == "" {
			return nil, invalid("deleted_by must name the user that deletes the message for itself")
		}
		if err := s.engine.HideMessage(c.Context(), by, id); err != nil {
			return nil, err
		}
		return s.messageAnswer(c, id, by)
	}
	m, err := s.engine.MessageByID(c.Context(), id, "")
	if err != nil {
		return nil, err
	}
	mode := chat.DeleteSoft
	if hard {
		mode = chat.DeleteHard
	}
	if err := s.engine.DeleteMessage(c.Context(), chat.DeleteMessage{Operation: asServer(by), ID: id, Mode: mode}); err != nil {
		return nil, err
	}
	if hard {
		m.DeletedAt = s.engine.Now()
		return map[string]any{"message": messageAnswer(m)}, nil
	}
	return s.messageAnswer(c, id, "")
}

func (s *Server) undeleteMessage(c *call) (any, error) {
	var req struct {
		By string `json:"undeleted_by"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.By == "" {
		return nil, invalid("undeleted_by is a required field")
	}
	users, err := s.engine.UsersByID(c.Context(), []string{req.By})
	if err == nil && users[req.By].ID == "" {
		err = invalid("undeleted_by: there is no user %q", req.By)
	}
	if err != nil {
		return nil, err
	}
	if err := s.engine.UndeleteMessage(c.Context(), server(req.By), c.part("id")); err != nil {
		return nil, err
	}
	return s.messageAnswer(c, c.part("id"), "")
}
