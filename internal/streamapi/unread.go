package streamapi

import (
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeUnread() {
	s.mux.HandleFunc("GET /api/v2/chat/unread", s.handle("UnreadCounts", s.unreadCounts))
	s.mux.HandleFunc("POST /api/v2/chat/unread_batch", s.handle("UnreadCountsBatch", s.unreadCountsBatch))
}

func (s *Server) unreadCounts(c *call) (any, error) {
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	unread, err := s.engine.Unread(c.Context(), []string{user})
	if err != nil {
		return nil, err
	}
	return wire.UnreadAnswer(unread[user]), nil
}

func (s *Server) unreadCountsBatch(c *call) (any, error) {
	var req struct {
		UserIDs []string `json:"user_ids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if bad := store.CheckUserIDs(req.UserIDs); bad != nil {
		return nil, bad
	}
	unread, err := s.engine.Unread(c.Context(), req.UserIDs)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]*wire.UnreadResponse, len(req.UserIDs))
	for _, id := range req.UserIDs {
		counts[id] = wire.UnreadAnswer(unread[id])
	}
	return map[string]any{"counts_by_user": counts}, nil
}
