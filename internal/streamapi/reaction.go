package streamapi

import (
	"encoding/json"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
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
			Type   string         `json:"type"`
			Score  *int64         `json:"score"`
			UserID string         `json:"user_id"`
			User   *userRequest   `json:"user"`
			Custom map[string]any `json:"custom"`
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
		return nil, invalid("either reaction.user or reaction.user_id must be provided when using server side auth.")
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

// reaction is a user's reaction to a message, of one type.
func (s *Server) reaction(c *call, message, user, word string) (chat.Reaction, error) {
	list, err := s.engine.SearchReactions(c.Context(), message, store.Search{Limit: 1, Filter: store.Filter{Op: store.FilterAnd, Of: []store.Filter{
		{Op: store.FilterEq, Field: "user_id", Value: user}, {Op: store.FilterEq, Field: "type", Value: word}}}})
	if err == nil && len(list) == 0 {
		err = missing("the user has no reaction %q to this message", word)
	}
	if err != nil {
		return chat.Reaction{}, err
	}
	return list[0], nil
}

// reactionAnswer is the answer with a reaction and its message.
func (s *Server) reactionAnswer(c *call, r chat.Reaction) (any, error) {
	answer, err := s.messageAnswer(c, r.MessageID, r.User.ID)
	if err != nil {
		return nil, err
	}
	answer["reaction"] = reactionAnswer(r)
	return answer, nil
}

func (s *Server) deleteReaction(c *call) (any, error) {
	user := c.URL.Query().Get("user_id")
	if user == "" {
		return nil, invalid("user_id must be provided when using server side auth.")
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
	if q.Limit, err = page(q.Limit, defaultReactions, reactionsPerPage, q.Offset, farthestReaction); err != nil {
		return nil, err
	}
	list, err := s.engine.SearchReactions(c.Context(), c.part("id"), q)
	if err != nil {
		return nil, err
	}
	return map[string]any{"reactions": reactionAnswers(list)}, nil
}

func (s *Server) queryReactions(c *call) (any, error) {
	var req struct {
		pageRequest
		Filter json.RawMessage `json:"filter"`
		Sort   []sortParam     `json:"sort"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	q, err := req.search(req.Filter, req.Sort)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchReactions(c.Context(), c.part("id"), q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	answer["reactions"] = reactionAnswers(turn(answer, q, list))
	return answer, nil
}

// reactionResponse is a reaction in answers.
type reactionResponse struct {
	MessageID string         `json:"message_id"`
	Type      string         `json:"type"`
	UserID    string         `json:"user_id"`
	User      *userResponse  `json:"user"`
	Score     int64          `json:"score"`
	CreatedAt nanos          `json:"created_at"`
	UpdatedAt nanos          `json:"updated_at"`
	Custom    map[string]any `json:"custom"`
}

func reactionAnswer(r chat.Reaction) *reactionResponse {
	return &reactionResponse{
		MessageID: r.MessageID, Type: r.Type, UserID: r.User.ID, User: userAnswer(r.User), Score: r.Score,
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt), Custom: object(r.Custom),
	}
}

func reactionAnswers(list []chat.Reaction) []*reactionResponse {
	answers := make([]*reactionResponse, len(list))
	for i, r := range list {
		answers[i] = reactionAnswer(r)
	}
	return answers
}

// reactionGroup sums up a message's reactions of one type.
type reactionGroup struct {
	Count    int64           `json:"count"`
	Score    int64           `json:"sum_scores"`
	FirstAt  nanos           `json:"first_reaction_at"`
	LastAt   nanos           `json:"last_reaction_at"`
	LatestBy []reactionMaker `json:"latest_reactions_by"`
}

// reactionMaker is the user of one of the latest reactions.
type reactionMaker struct {
	UserID    string        `json:"user_id"`
	User      *userResponse `json:"user"`
	CreatedAt nanos         `json:"created_at"`
}

func (r *messageResponse) setReactions(m chat.Message) {
	r.ReactionCounts, r.ReactionScores, r.ReactionGroups = map[string]int64{}, map[string]int64{}, map[string]*reactionGroup{}
	for word, g := range m.Reactions {
		r.ReactionCounts[word], r.ReactionScores[word] = g.Count, g.Score
		r.ReactionGroups[word] = &reactionGroup{
			Count: g.Count, Score: g.Score, FirstAt: at(g.FirstAt), LastAt: at(g.LastAt), LatestBy: []reactionMaker{}}
	}
	for _, one := range m.Latest {
		if g := r.ReactionGroups[one.Type]; g != nil {
			g.LatestBy = append(g.LatestBy, reactionMaker{UserID: one.User.ID, User: userAnswer(one.User), CreatedAt: at(one.CreatedAt)})
		}
	}
}
