package streamapi

import (
	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// updateMessage replaces a message's content.
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
		return wire.CheckText(*m)
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

// updateMessagePartial sets and removes single fields of a message.
func (s *Server) updateMessagePartial(c *call) (any, error) {
	p, by, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	id := c.part("id")
	err = s.engine.ChangeMessage(c.Context(), asServer(by), chat.CID{}, id, func(m *chat.Message) error {
		return wire.PatchMessage(m, p, by, s.engine.Now())
	})
	if err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, by)
}

func (s *Server) deleteMessage(c *call) (any, error) {
	query := c.URL.Query()
	id, hard, forMe := c.part("id"), query.Get("hard") == "true", query.Get("delete_for_me") == "true"
	if hard && forMe {
		return nil, wire.Invalid("hard and delete_for_me can't be combined")
	}
	by, err := s.user(c.Context(), query.Get("deleted_by"), nil)
	if err != nil {
		return nil, err
	}
	if forMe {
		if by == "" {
			return nil, wire.Invalid("deleted_by must name the user that deletes the message for itself")
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
		return map[string]any{"message": wire.MessageAnswer(m)}, nil
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
		return nil, wire.Invalid("undeleted_by is a required field")
	}
	users, err := s.engine.UsersByID(c.Context(), []string{req.By})
	if err == nil && users[req.By].ID == "" {
		err = wire.Invalid("undeleted_by: there is no user %q", req.By)
	}
	if err != nil {
		return nil, err
	}
	if err := s.engine.UndeleteMessage(c.Context(), server(req.By), c.part("id")); err != nil {
		return nil, err
	}
	return s.messageAnswer(c, c.part("id"), "")
}
