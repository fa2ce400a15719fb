package streamapi

import "backchannel/internal/chat"

func (s *Server) routePollVotes() {
	const path = " /api/v2/chat/messages/{id}/polls/{poll}/vote"
	s.mux.HandleFunc("POST"+path, s.handle("CastPollVote", s.castVote))
	s.mux.HandleFunc("DELETE"+path+"/{vote}", s.handle("RemovePollVote", s.removeVote))
	s.mux.HandleFunc("POST /api/v2/polls/{id}/votes", s.handle("QueryPollVotes", s.queryVotes))
}

// voteResponse is a vote as answers have it.
type voteResponse struct {
	ID        string        `json:"id"`
	PollID    string        `json:"poll_id"`
	OptionID  string        `json:"option_id"`
	IsAnswer  bool          `json:"is_answer,omitempty"`
	Answer    string        `json:"answer_text,omitempty"`
	UserID    string        `json:"user_id,omitempty"`
	User      *userResponse `json:"user,omitempty"`
	CreatedAt nanos         `json:"created_at"`
	UpdatedAt nanos         `json:"updated_at"`
}

func voteAnswer(v chat.PollVote, anonymous bool) *voteResponse {
	answer := &voteResponse{
		ID: v.ID, PollID: v.PollID, OptionID: v.OptionID, IsAnswer: v.OptionID == "", Answer: v.Answer,
		CreatedAt: at(v.CreatedAt), UpdatedAt: at(v.UpdatedAt),
	}
	if !anonymous {
		answer.UserID, answer.User = v.User.ID, userAnswer(v.User)
	}
	return answer
}

func voteAnswers(list []chat.PollVote, anonymous bool) []*voteResponse {
	answers := make([]*voteResponse, len(list))
	for i, v := range list {
		answers[i] = voteAnswer(v, anonymous)
	}
	return answers
}

func (s *Server) castVote(c *call) (any, error) {
	var req struct {
		Vote struct {
			OptionID string `json:"option_id"`
			Answer   string `json:"answer_text"`
		} `json:"vote"`
		UserID string       `json:"user_id"`
		User   *userRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	v := chat.PollVote{PollID: c.part("poll"), OptionID: req.Vote.OptionID, Answer: req.Vote.Answer}
	var err error
	if v.User.ID, err = s.actor(c, req.UserID, req.User); err != nil {
		return nil, err
	}
	if v, err = s.engine.Vote(c.Context(), c.part("id"), v); err != nil {
		return nil, err
	}
	return s.voteAndPoll(c, v)
}

func (s *Server) removeVote(c *call) (any, error) {
	user, err := s.actor(c, c.URL.Query().Get("user_id"), nil)
	if err != nil {
		return nil, err
	}
	v, err := s.engine.Unvote(c.Context(), c.part("id"), c.part("poll"), c.part("vote"), user)
	if err != nil {
		return nil, err
	}
	return s.voteAndPoll(c, v)
}

// voteAndPoll is a user's vote with what the poll has come to.
func (s *Server) voteAndPoll(c *call, v chat.PollVote) (any, error) {
	p, err := s.engine.Poll(c.Context(), v.PollID, v.User.ID)
	if err != nil {
		return nil, err
	}
	users, err := s.engine.UserDetails(c.Context(), []string{v.User.ID})
	if err != nil {
		return nil, err
	}
	v.User = users[v.User.ID]
	return map[string]any{"vote": voteAnswer(v, false), "poll": pollAnswer(p)}, nil
}

func (s *Server) queryVotes(c *call) (any, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q, err := pageOf(c)
	if err != nil {
		return nil, err
	}
	p, err := s.engine.Poll(c.Context(), c.part("id"), "")
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchVotes(c.Context(), p.ID, q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	list = turn(answer, q, list)
	votes := make([]*voteResponse, len(list))
	for i, v := range list {
		votes[i] = voteAnswer(v, p.Visibility == chat.AnonymousVotes && v.User.ID != viewer)
	}
	answer["votes"] = votes
	return answer, nil
}
