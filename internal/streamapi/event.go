package streamapi

import (
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// sendEvent sends a typing event or a custom event to the subscribers of a channel.
func (s *Server) sendEvent(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req struct {
		Event struct {
			Type   chat.EventType    `json:"type"`
			UserID string            `json:"user_id"`
			User   *wire.UserRequest `json:"user"`
			Custom map[string]any    `json:"custom"`
		} `json:"event"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	typing := req.Event.Type == chat.TypingStart || req.Event.Type == chat.TypingStop
	if strings.Contains(string(req.Event.Type), ".") && !typing {
		return nil, wire.Invalid("event.type is %s, %s or one of your own, without a dot", chat.TypingStart, chat.TypingStop)
	}
	user, err := s.actor(c, req.Event.UserID, req.Event.User)
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UsersByID(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	by := server(user)
	by.Name = users[user].Name
	if typing {
		err = s.engine.Signal(c.Context(), by, cid, req.Event.Type)
	} else {
		err = s.engine.SendToChannel(c.Context(), by, cid, req.Event.Type, req.Event.Custom)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"event": map[string]any{
		"type": req.Event.Type, "cid": cid.String(), "channel_id": cid.ID, "channel_type": cid.Type, "created_at": wire.At(s.engine.Now()),
		"user": wire.UserAnswer(users[user]), "custom": wire.Object(req.Event.Custom),
	}}, nil
}

// sendUserEvent sends a custom event to one user.
func (s *Server) sendUserEvent(c *call) (any, error) {
	var req struct {
		Event struct {
			Type   chat.EventType `json:"type"`
			Custom map[string]any `json:"custom"`
		} `json:"event"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	return done, s.engine.SendToUser(c.Context(), c.PathValue("id"), req.Event.Type, req.Event.Custom)
}
