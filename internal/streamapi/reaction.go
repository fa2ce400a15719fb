package streamapi

import (
	"backchannel/internal/chat"
)

// reactionResponse is a reaction as answers have it.
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

func reactionAnswer(r chat.ReactionDetail) *reactionResponse {
	return &reactionResponse{
		MessageID: r.MessageID, Type: r.Type, UserID: r.User.ID, User: userAnswer(r.User), Score: r.Score,
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt), Custom: object(r.Custom),
	}
}

func reactionAnswers(list []chat.ReactionDetail) []*reactionResponse {
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

// reactionMaker is one of the latest who reacted.
type reactionMaker struct {
	UserID    string        `json:"user_id"`
	User      *userResponse `json:"user"`
	CreatedAt nanos         `json:"created_at"`
}

func (r *messageResponse) setReactions(m chat.MessageDetail) {
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
