package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeThreads() {
	s.mux.HandleFunc("POST /api/v2/chat/threads", s.handle("QueryThreads", s.queryThreads))
	s.mux.HandleFunc("GET /api/v2/chat/threads/{id}", s.handle("GetThread", s.getThread))
	s.mux.HandleFunc("PATCH /api/v2/chat/threads/{id}", s.handle("UpdateThreadPartial", s.updateThreadPartial))
}

const (
	defaultThreads       = 10
	threadsPerPage       = 25
	defaultThreadReplies = 2
	threadReplies        = 100
	threadParticipants   = 100
)

func (s *Server) threadAnswers(c *call, list []store.Thread, participants int) ([]*wire.ThreadResponse, error) {
	parents := make([]chat.Message, len(list))
	for i, t := range list {
		parents[i] = t.Parent
	}
	channels, err := s.channelsOf(c, parents)
	if err != nil {
		return nil, err
	}
	answers := make([]*wire.ThreadResponse, len(list))
	for i, t := range list {
		answers[i] = wire.ThreadAnswer(t, channels[t.CID], participants)
	}
	return answers, nil
}

func (s *Server) queryThreads(c *call) (any, error) {
	var req struct {
		wire.PageRequest
		Filter       json.RawMessage   `json:"filter"`
		Sort         []wire.SortParam  `json:"sort"`
		ReplyLimit   *int              `json:"reply_limit"`
		Participants *int              `json:"participant_limit"`
		UserID       string            `json:"user_id"`
		User         *wire.UserRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	if req.Limit, err = wire.Page(req.Limit, defaultThreads, threadsPerPage, 0, 0); err != nil {
		return nil, err
	}
	q, err := req.Search(req.Filter, req.Sort)
	if err != nil {
		return nil, err
	}
	replies, err := atMost(req.ReplyLimit, defaultThreadReplies, threadReplies)
	if err != nil {
		return nil, err
	}
	participants, err := atMost(req.Participants, threadParticipants, threadParticipants)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchThreads(c.Context(), user, q, replies)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	answer["threads"], err = s.threadAnswers(c, wire.Turn(answer, q, list), participants)
	return answer, err
}

func (s *Server) getThread(c *call) (any, error) {
	query := c.URL.Query()
	replies, err := limitOf(query.Get("reply_limit"), defaultThreadReplies, threadReplies)
	if err != nil {
		return nil, err
	}
	participants, err := limitOf(query.Get("participant_limit"), threadParticipants, threadParticipants)
	if err != nil {
		return nil, err
	}
	return s.threadOf(c, replies, participants)
}

// limitOf parses a limit of a query that may be omitted.
func limitOf(text string, usual, most int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := number(text)
	if err != nil {
		return 0, err
	}
	return atMost(&n, usual, most)
}

func (s *Server) threadOf(c *call, replies, participants int) (any, error) {
	t, err := s.engine.Thread(c.Context(), c.part("id"), replies)
	if err != nil {
		return nil, err
	}
	answers, err := s.threadAnswers(c, []store.Thread{t}, participants)
	if err != nil {
		return nil, err
	}
	return map[string]any{"thread": answers[0]}, nil
}

// updateThreadPartial sets and removes single fields of a thread.
func (s *Server) updateThreadPartial(c *call) (any, error) {
	p, _, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	err = s.engine.ChangeThread(c.Context(), c.part("id"), func(t *store.Thread) error {
		return p.Apply(map[string]any{"title": &t.Title}, &t.Custom)
	})
	if err != nil {
		return nil, err
	}
	return s.threadOf(c, 0, threadParticipants)
}
