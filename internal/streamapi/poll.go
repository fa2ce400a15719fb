package streamapi

import (
	"maps"
	"slices"
	"strings"

	"backchannel/internal/chat"
)

func (s *Server) routePolls() {
	s.mux.HandleFunc("POST /api/v2/polls", s.handle("CreatePoll", s.createPoll))
	s.mux.HandleFunc("PUT /api/v2/polls", s.handle("UpdatePoll", s.updatePoll))
	s.mux.HandleFunc("POST /api/v2/polls/query", s.handle("QueryPolls", s.queryPolls))
	s.mux.HandleFunc("GET /api/v2/polls/{id}", s.handle("GetPoll", s.getPoll))
	s.mux.HandleFunc("PATCH /api/v2/polls/{id}", s.handle("UpdatePollPartial", s.updatePollPartial))
	s.mux.HandleFunc("DELETE /api/v2/polls/{id}", s.handle("DeletePoll", s.deletePoll))
	s.routePollOptions()
	s.routePollVotes()
}

// pollResponse is a poll as answers have it.
type pollResponse struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	CreatedByID string         `json:"created_by_id"`
	CreatedBy   *userResponse  `json:"created_by,omitempty"`
	Custom      map[string]any `json:"custom"`
	CreatedAt   nanos          `json:"created_at"`
	UpdatedAt   nanos          `json:"updated_at"`
	chat.PollSettings
	VoteCount     int                        `json:"vote_count"`
	VoteCounts    map[string]int             `json:"vote_counts_by_option"`
	LatestVotes   map[string][]*voteResponse `json:"latest_votes_by_option"`
	AnswersCount  int                        `json:"answers_count"`
	LatestAnswers []*voteResponse            `json:"latest_answers"`
	OwnVotes      []*voteResponse            `json:"own_votes"`
}

func pollAnswer(p chat.Poll) *pollResponse {
	anonymous := p.Visibility == chat.AnonymousVotes
	answer := &pollResponse{
		ID: p.ID, Name: p.Name, CreatedByID: p.CreatedBy.ID, CreatedBy: userAnswer(p.CreatedBy), Custom: object(p.Custom),
		CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt), PollSettings: p.PollSettings,
		VoteCounts: map[string]int{}, LatestVotes: map[string][]*voteResponse{}, AnswersCount: p.Counts[""],
		LatestAnswers: voteAnswers(p.Latest[""], anonymous), OwnVotes: voteAnswers(p.Own, false),
	}
	answer.Options = make([]chat.PollOption, len(p.Options))
	for i, o := range p.Options {
		answer.Options[i] = shownOption(o)
	}
	for option, n := range p.Counts {
		if option == "" {
			continue
		}
		answer.VoteCount += n
		answer.VoteCounts[option] = n
		answer.LatestVotes[option] = voteAnswers(p.Latest[option], anonymous)
	}
	return answer
}

func (s *Server) pollAnswer(c *call, id, viewer string) (any, error) {
	p, err := s.engine.Poll(c.Context(), id, viewer)
	if err != nil {
		return nil, err
	}
	return map[string]any{"poll": pollAnswer(p)}, nil
}

// pollRequest is a poll as requests have it.
type pollRequest struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	chat.PollSettings
	Custom map[string]any `json:"custom"`
	UserID string         `json:"user_id"`
	User   *userRequest   `json:"user"`
}

func (s *Server) createPoll(c *call) (any, error) {
	var req pollRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(req.Options, func(o chat.PollOption) bool { return o.ID != "" }) {
		return nil, invalid("options get their ids here; leave id out")
	}
	by, err := s.actor(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	p := chat.Poll{ID: req.ID, Name: req.Name, PollSettings: req.PollSettings, Custom: req.Custom}
	p.CreatedBy.ID = by
	id, err := s.engine.CreatePoll(c.Context(), p)
	if err != nil {
		return nil, err
	}
	return s.pollAnswer(c, id, by)
}

// updatePoll replaces a poll, but for its options where none are given.
func (s *Server) updatePoll(c *call) (any, error) {
	var req pollRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	by, err := s.actor(c, req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	err = s.engine.ChangePoll(c.Context(), req.ID, func(p *chat.Poll) error {
		options := p.Options
		for _, o := range req.Options {
			if _, known := p.Option(o.ID); o.ID != "" && !known {
				return invalid("options: the poll has no option %q", o.ID)
			}
		}
		p.Name, p.PollSettings, p.Custom = req.Name, req.PollSettings, req.Custom
		if p.Options = slices.Clone(req.Options); req.Options == nil {
			p.Options = options
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.pollAnswer(c, req.ID, by)
}

// reservedPollFields are those of a poll that partial updates don't change.
var reservedPollFields = []string{
	"id", "options", "created_by", "created_by_id", "created_at", "updated_at", "vote_count", "vote_counts_by_option",
	"latest_votes_by_option", "answers_count", "latest_answers", "own_votes",
}

func (s *Server) updatePollPartial(c *call) (any, error) {
	p, by, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	for _, name := range append(slices.Collect(maps.Keys(p.set)), p.unset...) {
		if first, _, _ := strings.Cut(name, "."); slices.Contains(reservedPollFields, first) {
			return nil, invalid("%q is a reserved field: it can't be set or unset", first)
		}
	}
	err = s.engine.ChangePoll(c.Context(), c.part("id"), func(poll *chat.Poll) error {
		return p.apply(map[string]any{
			"name": &poll.Name, "description": &poll.Description, "voting_visibility": &poll.Visibility,
			"enforce_unique_vote": &poll.UniqueVote, "max_votes_allowed": &poll.MaxVotes, "is_closed": &poll.Closed,
			"allow_user_suggested_options": &poll.Suggestions, "allow_answers": &poll.Answers,
		}, &poll.Custom)
	})
	if err != nil {
		return nil, err
	}
	return s.pollAnswer(c, c.part("id"), by)
}

// viewer is the user who asks, by the query; "" for the callers' own back end.
func (s *Server) viewer(c *call) (string, error) {
	return s.user(c.Context(), c.URL.Query().Get("user_id"), nil)
}

func (s *Server) getPoll(c *call) (any, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	return s.pollAnswer(c, c.part("id"), viewer)
}

func (s *Server) deletePoll(c *call) (any, error) {
	if _, err := s.viewer(c); err != nil {
		return nil, err
	}
	return done, s.engine.DeletePoll(c.Context(), c.part("id"))
}

func (s *Server) queryPolls(c *call) (any, error) {
	viewer, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	q, err := pageOf(c)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.SearchPolls(c.Context(), viewer, q)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	list = turn(answer, q, list)
	polls := make([]*pollResponse, len(list))
	for i, p := range list {
		polls[i] = pollAnswer(p)
	}
	answer["polls"] = polls
	return answer, nil
}
