package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeReactions() {
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}/reaction", s.handle("SendReaction", s.sendReaction))
	s.mux.HandleFunc("DELETE /api/v2/chat/messages/{id}/reaction/{type}", s.handle("DeleteReaction", s.deleteReaction))
	s.mux.HandleFunc("GET /api/v2/chat/messages/{id}/reactions", s.handle("GetReactions", s.getReactions))
	s.mux.HandleFunc("POST /api/v2/chat/messages/{id}/reactions", s.handle("QueryReactions", s.queryReactions))
}

const (
	defaultReactions = 10
	reactionsPerPage = 300
	farthestReaction = 1_000
)

func (s *Server) sendReaction(c *call) (any, error) {
	var req struct {
		Reaction struct {
			Type   string            `json:"type"`
			Score  *int64            `json:"score"`
			UserID string            `json:"user_id"`
			User   *wire.UserRequest `json:"user"`
			Custom map[string]any    `json:"custom"`
		} `json:"reaction"`
		Only bool `json:"enforce_unique"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user, err := s.user(c.Context(), req.Reaction.UserID, req.Reaction.User)
	if err != nil {
		return nil, err
	}
	if user == "" {
		return nil, wire.Invalid("either reaction.user or reaction.user_id must be provided when using server side auth.")
	}
	id, data := c.part("id"), chat.Reaction{Type: req.Reaction.Type, Score: 1, Custom: req.Reaction.Custom}
	if req.Reaction.Score != nil {
		data.Score = *req.Reaction.Score
	}
	if err := data.Check(); err != nil {
		return nil, err
	}
	err = s.engine.React(c.Context(), chat.React{Operation: asServer(user), MessageID: id, Type: data.Type, Only: req.Only, Data: &data})
	if err != nil {
		return nil, err
	}
	r, err := s.reaction(c, id, user, data.Type)
	if err != nil {
		return nil, err
	}
	return s.reactionAnswer(c, r)
}

// reaction returns the reaction of a user to a message, of one type.
func (s *Server) reaction(c *call, message, user, word string) (chat.Reaction, error) {
	list, err := s.engine.SearchReactions(c.Context(), message, store.Search{Limit: 1, Filter: store.Filter{Op: store.FilterAnd, Of: []store.Filter{
		{Op: store.FilterEq, Field: "user_id", Value: user}, {Op: store.FilterEq, Field: "type", Value: word}}}})
	if err == nil && len(list) == 0 {
		err = wire.Missing("the user has no reaction %q to this message", word)
	}
	if err != nil {
		return chat.Reaction{}, err
	}
	return list[0], nil
}

// reactionAnswer returns the answer with a reaction and its message.
func (s *Server) reactionAnswer(c *call, r chat.Reaction) (any, error) {
	answer, err := s.messageAnswer(c, r.MessageID, r.User.ID)
	if err != nil {
		return nil, err
	}
	answer["reaction"] = wire.ReactionAnswer(r)
	return answer, nil
}

func (s *Server) deleteReaction(c *call) (any, error) {
	user := c.URL.Query().Get("user_id")
	if user == "" {
		return nil, wire.Invalid("user_id must be provided when using server side auth.")
	}
	r, err := s.reaction(c, c.part("id"), user, c.part("type"))
	if err != nil {
		return nil, err
	}
	err = s.engine.React(c.Context(), chat.React{Operation: asServer(user), MessageID: r.MessageID, Type: r.Type, Remove: true})
	if err != nil {
		return nil, err
	}
	return s.reactionAnswer(c, r)
}

func (s *Server) getReactions(c *call) (any, error) {
	var q store.Search
	var err error
	if q.Limit, err = number(c.URL.Query().Get("limit")); err != nil {
		return nil, err
	}
	if q.Offset, err = number(c.URL.Query().Get("offset")); err != nil {
		return nil, err
	}
	if q.Limit, err = wire.Page(q.Limit, defaultReactions, reactionsPerPage, q.Offset, farthestReaction); err != nil {
		return nil, err
	}
	list, err := s.engine.SearchReactions(c.Context(), c.part("id"), q)
	if err != nil {
		return nil, err
	}
	return map[string]any{"reactions": wire.ReactionAnswers(list)}, nil
}

func (s *Server) queryReactions(c *call) (any, error) {
	var req struct {
		wire.PageRequest
		Filter json.RawMessage  `json:"filter"`
		Sort   []wire.SortParam `json:"sort"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	q, err := req.Search(req.Filter, req.Sort)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchReactions(c.Context(), c.part("id"), q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	answer["reactions"] = wire.ReactionAnswers(wire.Turn(answer, q, list))
	return answer, nil
}
