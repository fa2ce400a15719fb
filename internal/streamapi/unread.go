package streamapi

import (
	"backchannel/internal/chat"

	"backchannel/internal/streamapi/store"
)

func (s *Server) routeUnread() {
	s.mux.HandleFunc("GET /api/v2/chat/unread", s.handle("UnreadCounts", s.unreadCounts))
	s.mux.HandleFunc("POST /api/v2/chat/unread_batch", s.handle("UnreadCountsBatch", s.unreadCountsBatch))
}

// unreadResponse is how much a user hasn't read, in answers.
type unreadResponse struct {
	Total        int64            `json:"total_unread_count"`
	TotalThreads int64            `json:"total_unread_threads_count"`
	ByTeam       map[string]int64 `json:"total_unread_count_by_team,omitempty"`
	Channels     []unreadChannel  `json:"channels"`
	Types        []*unreadType    `json:"channel_type"`
	Threads      []any            `json:"threads"`
}

type unreadChannel struct {
	CID      string `json:"channel_id"`
	Count    int64  `json:"unread_count"`
	LastRead nanos  `json:"last_read"`
}

type unreadType struct {
	Type     chat.ChannelType `json:"channel_type"`
	Channels int              `json:"channel_count"`
	Count    int64            `json:"unread_count"`
}

func unreadAnswer(list []store.Unread) *unreadResponse {
	answer := &unreadResponse{Channels: []unreadChannel{}, Types: []*unreadType{}, Threads: []any{}}
	types := map[chat.ChannelType]*unreadType{}
	for _, u := range list {
		answer.Total += u.Count
		answer.Channels = append(answer.Channels, unreadChannel{CID: u.CID.String(), Count: u.Count, LastRead: at(u.LastRead)})
		t := types[u.CID.Type]
		if t == nil {
			t = &unreadType{Type: u.CID.Type}
			types[u.CID.Type] = t
			answer.Types = append(answer.Types, t)
		}
		t.Channels++
		t.Count += u.Count
		if u.Team != "" {
			if answer.ByTeam == nil {
				answer.ByTeam = map[string]int64{}
			}
			answer.ByTeam[u.Team] += u.Count
		}
	}
	return answer
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
	return unreadAnswer(unread[user]), nil
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
	counts := make(map[string]*unreadResponse, len(req.UserIDs))
	for _, id := range req.UserIDs {
		counts[id] = unreadAnswer(unread[id])
	}
	return map[string]any{"counts_by_user": counts}, nil
}
