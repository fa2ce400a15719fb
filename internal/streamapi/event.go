package streamapi

import (
	"backchannel/internal/chat"
)

// sendEvent tells who listens to a channel that somebody types, or stopped. There
// are no events of the callers' own yet.
func (s *Server) sendEvent(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req struct {
		Event struct {
			Type   chat.EventType `json:"type"`
			UserID string         `json:"user_id"`
			User   *userRequest   `json:"user"`
		} `json:"event"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Event.Type != chat.TypingStart && req.Event.Type != chat.TypingStop {
		return nil, invalid("the events that reach clients here are %s and %s", chat.TypingStart, chat.TypingStop)
	}
	user, err := s.actor(c, req.Event.UserID, req.Event.User)
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UserDetails(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	by := server(user)
	by.Name = users[user].Name
	if err := s.engine.Signal(c.Context(), by, cid, req.Event.Type); err != nil {
		return nil, err
	}
	return map[string]any{"event": map[string]any{
		"type": req.Event.Type, "cid": cid.String(), "channel_id": cid.ID, "channel_type": cid.Type, "created_at": at(s.engine.Now()),
		"user": userAnswer(users[user]), "custom": object(nil),
	}}, nil
}
