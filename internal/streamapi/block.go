package streamapi

import (
	"time"

	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeBlocks() {
	s.mux.HandleFunc("GET /api/v2/users/block", s.handle("GetBlockedUsers", s.getBlockedUsers))
	s.mux.HandleFunc("POST /api/v2/users/block", s.handle("BlockUsers", s.blockUser))
	s.mux.HandleFunc("POST /api/v2/users/unblock", s.handle("UnblockUsers", s.unblockUser))
}

// blocker reads a request to block or unblock a user.
func (s *Server) blocker(c *call) (by, target string, err error) {
	var req struct {
		BlockedUserID string            `json:"blocked_user_id"`
		UserID        string            `json:"user_id"`
		User          *wire.UserRequest `json:"user"`
	}
	if err = c.into(&req); err != nil {
		return "", "", err
	}
	if by, err = s.actor(c, req.UserID, req.User); err != nil {
		return "", "", err
	}
	switch req.BlockedUserID {
	case "":
		return "", "", wire.Invalid("blocked_user_id must be there")
	case by:
		return "", "", wire.Invalid("users can't block themselves")
	}
	return by, req.BlockedUserID, nil
}

func (s *Server) blockUser(c *call) (any, error) {
	by, target, err := s.blocker(c)
	if err != nil {
		return nil, err
	}
	unknown, err := s.engine.Relate(c.Context(), store.Block, by, []string{target}, time.Time{})
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		return nil, wire.Missing("there is no user %q", target)
	}
	blocks, err := s.engine.Relations(c.Context(), store.Block, by)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"blocked_by_user_id": by, "blocked_user_id": target}
	for _, b := range blocks {
		if b.Target == target {
			answer["created_at"] = wire.At(b.CreatedAt)
		}
	}
	return answer, nil
}

func (s *Server) unblockUser(c *call) (any, error) {
	by, target, err := s.blocker(c)
	if err != nil {
		return nil, err
	}
	_, err = s.engine.Unrelate(c.Context(), store.Block, by, []string{target})
	return done, err
}

func (s *Server) getBlockedUsers(c *call) (any, error) {
	by, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Relations(c.Context(), store.Block, by)
	if err != nil {
		return nil, err
	}
	ids := []string{by}
	for _, b := range list {
		ids = append(ids, b.Target)
	}
	users, err := s.engine.UsersByID(c.Context(), ids)
	if err != nil {
		return nil, err
	}
	blocks := make([]map[string]any, len(list))
	for i, b := range list {
		blocks[i] = map[string]any{
			"user_id": by, "user": userIn(users, by), "blocked_user_id": b.Target, "blocked_user": userIn(users, b.Target),
			"created_at": wire.At(b.CreatedAt),
		}
	}
	return map[string]any{"blocks": blocks}, nil
}
