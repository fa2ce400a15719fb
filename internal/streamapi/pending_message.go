package streamapi

import "backchannel/internal/chat"

// sendPending stores a message that waits to be committed.
func (s *Server) sendPending(c *call, p chat.PendingMessage) (any, error) {
	id, err := s.engine.PostPending(c.Context(), p)
	if err != nil {
		return nil, err
	}
	m, metadata, err := s.anyMessage(c, id)
	if err != nil {
		return nil, err
	}
	return map[string]any{"message": messageAnswer(m), "pending_message_metadata": metadata}, nil
}

// anyMessage is a message, be it sent or pending. The metadata isn't nil where it is
// pending.
func (s *Server) anyMessage(c *call, id string) (chat.MessageDetail, map[string]string, error) {
	m, err := s.engine.MessageDetail(c.Context(), id, "")
	if chat.CodeOf(err) != chat.NotFound {
		return m, nil, err
	}
	p, pending := s.engine.PendingMessage(c.Context(), id)
	if pending != nil {
		return m, nil, pending
	}
	if p.Metadata == nil {
		p.Metadata = map[string]string{}
	}
	return p.Message, p.Metadata, nil
}

// commitMessage sends a pending message. One that was sent already is left alone,
// so that a repeat does no harm.
func (s *Server) commitMessage(c *call) (any, error) {
	id := c.part("id")
	if err := s.engine.CommitMessage(c.Context(), id); err != nil {
		return nil, err
	}
	return s.messageAnswer(c, id, "")
}
