package streamapi

import (
	"encoding/json"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeMessages() {
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/message", s.handle("SendMessage", s.sendMessage))
	s.mux.HandleFunc("GET /api/v2/chat/channels/{type}/{id}/messages", s.handle("GetManyMessages", s.getManyMessages))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}", s.handle("GetMessage", s.getMessage))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}", s.handle("UpdateMessage", s.updateMessage))
	s.mux.HandleFunc("PUT /api/v2/chat/messages/{id}", s.handle("UpdateMessagePartial", s.updateMessagePartial))
	s.mux.HandleFunc("DELETE /api/v2/chat/messages/{id}", s.handle("DeleteMessage", s.deleteMessage))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}/undelete", s.handle("UndeleteMessage", s.undeleteMessage))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}/replies", s.handle("GetReplies", s.getReplies))
	s.mux.HandleFunc("POST /api/v2/chat/messages/history", s.handle("QueryMessageHistory", s.queryMessageHistory))
}

// messageRequest is a message in requests.
type messageRequest struct {
	ID            string            `json:"id"`
	Text          string            `json:"text"`
	HTML          string            `json:"html"`
	MML           string            `json:"mml"`
	Type          string            `json:"type"`
	UserID        string            `json:"user_id"`
	User          *wire.UserRequest `json:"user"`
	Attachments   []json.RawMessage `json:"attachments"`
	Mentioned     []string          `json:"mentioned_users"`
	ParentID      string            `json:"parent_id"`
	ShowInChannel *bool             `json:"show_in_channel"`
	QuotedID      string            `json:"quoted_message_id"`
	Silent        bool              `json:"silent"`
	Pinned        *bool             `json:"pinned"`
	PinExpires    *time.Time        `json:"pin_expires"`
	Visibility    []string          `json:"restricted_visibility"`
	PollID        string            `json:"poll_id"`
	Location      json.RawMessage   `json:"shared_location"`
	Custom        map[string]any    `json:"custom"`
	CreatedAt     wire.GivenTime    `json:"created_at"`
}

// fill sets a message's fields from a request.
func (r messageRequest) fill(m *chat.Message) error {
	switch {
	case len(r.Visibility) > 0:
		return wire.Invalid("messages for some users only aren't available here; leave restricted_visibility out")
	case r.PollID != "":
		return wire.Invalid("polls aren't available here; leave poll_id out")
	case len(r.Location) > 0 && string(r.Location) != "null":
		return wire.Invalid("locations aren't available here; leave shared_location out")
	}
	mentioned, refused := chat.FoldMentions(r.Mentioned)
	if refused != nil {
		return refused
	}
	m.Mentions = chat.Users(mentioned)
	switch r.Type {
	case "":
	case "regular", "reply":
		m.Type = chat.RegularMessage
	default:
		m.Type = chat.MessageType(r.Type)
	}
	if r.ShowInChannel != nil {
		m.ShowInChannel = *r.ShowInChannel
	}
	m.Text, m.HTML, m.MML, m.Attachments, m.Custom = r.Text, r.HTML, r.MML, r.Attachments, r.Custom
	m.QuotedID = r.QuotedID
	return nil
}

// fresh returns the request's new message, in the channel of the path and without a sender.
func (r messageRequest) fresh(c *call) (m chat.Message, err error) {
	if m.CID, err = c.cid(); err != nil {
		return m, err
	}
	m.ID, m.Parent, m.Silent = r.ID, r.ParentID, r.Silent
	if err := r.fill(&m); err != nil {
		return m, err
	}
	return m, wire.CheckText(m)
}

func (s *Server) sendMessage(c *call) (any, error) {
	var req struct {
		Message    messageRequest `json:"message"`
		KeepHidden bool           `json:"keep_channel_hidden"`
		Pending    bool           `json:"pending"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Pending {
		return nil, wire.Invalid("pending messages aren't available here; leave pending out")
	}
	m, err := req.Message.fresh(c)
	if err != nil {
		return nil, err
	}
	m.CreatedAt = s.madeAt(req.Message.CreatedAt)
	if m.Sender.ID, err = s.user(c.Context(), req.Message.UserID, req.Message.User); err != nil {
		return nil, err
	}
	if m.Sender.ID == "" {
		return nil, wire.Invalid("either message.user or message.user_id must be provided when using server side auth.")
	}
	req.Message.pin(&m, m.Sender.ID, s.engine.Now())
	id, err := s.engine.SendMessage(c.Context(), chat.SendMessage{Operation: asServer(""), Message: m, KeepHidden: req.KeepHidden})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, m.Sender.ID)
}

// pin pins or unpins the message if the request asks for it.
func (r messageRequest) pin(m *chat.Message, by string, now time.Time) {
	if r.Pinned != nil {
		m.Pin(*r.Pinned, optionalTime(r.PinExpires), by, now)
	}
}

func optionalTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// messageAnswer returns the answer with one message, as seen by the viewer unless it is "".
func (s *Server) messageAnswer(c *call, id, viewer string) (map[string]any, error) {
	m, err := s.engine.MessageByID(c.Context(), id, viewer)
	if err != nil {
		return nil, err
	}
	return map[string]any{"message": wire.MessageAnswer(m)}, nil
}

func (s *Server) getMessage(c *call) (any, error) {
	m, err := s.engine.MessageByID(c.Context(), c.part("id"), "")
	if err != nil {
		return nil, err
	}
	if c.URL.Query().Get("show_deleted_message") == "true" && !m.DeletedAt.IsZero() {
		if err := s.restoreText(c, &m); err != nil {
			return nil, err
		}
	}
	channel, err := s.engine.ChannelFor(c.Context(), m.CID, "")
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UsersByID(c.Context(), wire.Unique([]string{channel.CreatedBy, channel.TruncatedBy}))
	if err != nil {
		return nil, err
	}
	return map[string]any{"message": struct {
		*wire.MessageResponse
		Channel *wire.ChannelResponse `json:"channel"`
	}{wire.MessageAnswer(m), wire.ChannelAnswer(channel, users)}}, nil
}

// restoreText adds the content that a deleted message had.
func (s *Server) restoreText(c *call, m *chat.Message) error {
	last, found, err := s.engine.LastVersion(c.Context(), m.ID)
	if err != nil || !found {
		return err
	}
	ids := chat.IDs(last.Mentions)
	users, err := s.engine.UsersByID(c.Context(), ids)
	m.Text, m.Attachments, m.Custom, m.Mentions = last.Text, last.Attachments, last.Custom, nil
	for _, id := range ids {
		if u, ok := users[id]; ok {
			m.Mentions = append(m.Mentions, u)
		}
	}
	return err
}

const messagesAtOnce = 100

func (s *Server) getManyMessages(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	ids := wire.Unique(strings.Split(c.URL.Query().Get("ids"), ","))
	if len(ids) == 0 || len(ids) > messagesAtOnce {
		return nil, wire.Invalid("ids must name 1 to %d messages", messagesAtOnce)
	}
	if _, err := s.engine.ChannelFor(c.Context(), cid, ""); err != nil {
		return nil, err
	}
	found, err := s.engine.MessagesByID(c.Context(), ids, "")
	if err != nil {
		return nil, err
	}
	messages := []*wire.MessageResponse{}
	for _, id := range ids {
		if m, ok := found[id]; ok && m.CID == cid {
			messages = append(messages, wire.MessageAnswer(m))
		}
	}
	return map[string]any{"messages": messages}, nil
}

// systemMessage returns the message that a request sends with a change of a channel, nil for none.
func (s *Server) systemMessage(c *call, cid chat.CID, by string, req *messageRequest) (*chat.Message, error) {
	if req == nil {
		return nil, nil
	}
	m := &chat.Message{ID: req.ID, CID: cid}
	if err := req.fill(m); err != nil {
		return nil, err
	}
	m.Type, m.Silent = chat.SystemMessage, req.Silent
	if err := wire.CheckText(*m); err != nil {
		return nil, err
	}
	var err error
	if m.Sender.ID, err = s.user(c.Context(), req.UserID, req.User); err != nil {
		return nil, err
	}
	if m.Sender.ID == "" {
		m.Sender.ID = by
	}
	if m.Sender.ID == "" {
		return nil, wire.Invalid("either message.user or message.user_id must be provided when using server side auth.")
	}
	made, err := s.engine.PrepareMessage(*m)
	return &made, err
}

func (s *Server) withMessage(c *call, answer map[string]any, id string) (any, error) {
	m, err := s.messageAnswer(c, id, "")
	if err != nil {
		return nil, err
	}
	answer["message"] = m["message"]
	return answer, nil
}
