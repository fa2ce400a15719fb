package streamapi

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// Read states and delivery receipts of members.

func (s *Server) routeReads() {
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/read", s.handle("MarkRead", s.markRead))
	s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/unread", s.handle("MarkUnread", s.markUnread))
	s.mux.HandleFunc("POST /api/v2/chat/channels/read", s.handle("MarkChannelsRead", s.markChannelsRead))
	s.mux.HandleFunc("POST /api/v2/chat/channels/delivered", s.handle("MarkDelivered", s.markDelivered))
}

type markRequest struct {
	MessageID string            `json:"message_id"`
	ThreadID  string            `json:"thread_id"`
	Timestamp *time.Time        `json:"message_timestamp"`
	UserID    string            `json:"user_id"`
	User      *wire.UserRequest `json:"user"`
}

func (s *Server) mark(c *call) (cid chat.CID, req markRequest, user string, err error) {
	if cid, err = c.cid(); err != nil {
		return cid, req, "", err
	}
	if err = c.into(&req); err != nil {
		return cid, req, "", err
	}
	user, err = s.actor(c, req.UserID, req.User)
	return cid, req, user, err
}

// markRead stores how far a member has read. Threads have no read states of their own here: reading
// a thread means reading up to its first message.
func (s *Server) markRead(c *call) (any, error) {
	cid, req, user, err := s.mark(c)
	if err != nil {
		return nil, err
	}
	message := req.MessageID
	if req.ThreadID != "" {
		message = req.ThreadID
	}
	if err := s.engine.MarkReadFor(c.Context(), user, map[chat.CID]string{cid: message}); err != nil {
		return nil, err
	}
	users, err := s.engine.UsersByID(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	return map[string]any{"event": wire.ReadEvent{
		Type: string(chat.MessageRead), CID: cid.String(), ChannelID: cid.ID, ChannelType: string(cid.Type), LastReadID: req.MessageID,
		User: wire.UserAnswer(users[user]), CreatedAt: wire.At(s.engine.Now()),
	}}, nil
}

func (s *Server) markUnread(c *call) (any, error) {
	cid, req, user, err := s.mark(c)
	if err != nil {
		return nil, err
	}
	message, given := req.MessageID, 0
	for _, one := range []bool{req.MessageID != "", req.ThreadID != "", req.Timestamp != nil} {
		if one {
			given++
		}
	}
	if given != 1 {
		return nil, wire.Invalid("one of message_id, message_timestamp and thread_id must be given")
	}
	if req.ThreadID != "" {
		message = req.ThreadID
	}
	return struct{}{}, s.engine.MarkUnreadFor(c.Context(), user, cid, message, optionalTime(req.Timestamp))
}

// markChannelsRead stores how far a user has read in some channels, or that it has read everything
// in all of its channels.
func (s *Server) markChannelsRead(c *call) (any, error) {
	var req struct {
		ByChannel map[string]string `json:"read_by_channel"`
		UserID    string            `json:"user_id"`
		User      *wire.UserRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.actor(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	var upTo map[chat.CID]string
	if len(req.ByChannel) > 0 {
		if upTo, err = byChannel("read_by_channel", req.ByChannel); err != nil {
			return nil, err
		}
	}
	return struct{}{}, s.engine.MarkReadFor(c.Context(), user, upTo)
}

func byChannel(field string, messages map[string]string) (map[chat.CID]string, error) {
	if len(messages) > channelsAtOnce {
		return nil, wire.Invalid("%s has at most %d channels", field, channelsAtOnce)
	}
	read := make(map[chat.CID]string, len(messages))
	for text, message := range messages {
		cid, err := parseCID(text)
		if err != nil {
			return nil, err
		}
		read[cid] = message
	}
	return read, nil
}

func (s *Server) markDelivered(c *call) (any, error) {
	var req struct {
		Latest []struct {
			CID string `json:"cid"`
			ID  string `json:"id"`
		} `json:"latest_delivered_messages"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	messages := make(map[string]string, len(req.Latest))
	for _, one := range req.Latest {
		if one.ID == "" {
			return nil, wire.Invalid("latest_delivered_messages needs the id of each message")
		}
		messages[one.CID] = one.ID
	}
	last, err := byChannel("latest_delivered_messages", messages)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.engine.MarkDelivered(c.Context(), user, last)
}
