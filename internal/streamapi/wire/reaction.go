package wire

import (
	"backchannel/internal/chat"
)

// ReactionResponse is a reaction in answers.
type ReactionResponse struct {
	MessageID string         `json:"message_id"`
	Type      string         `json:"type"`
	UserID    string         `json:"user_id"`
	User      *UserResponse  `json:"user"`
	Score     int64          `json:"score"`
	CreatedAt Nanos          `json:"created_at"`
	UpdatedAt Nanos          `json:"updated_at"`
	Custom    map[string]any `json:"custom"`
}

// ReactionAnswer returns a reaction in the form of answers.
func ReactionAnswer(r chat.Reaction) *ReactionResponse {
	return &ReactionResponse{
		MessageID: r.MessageID, Type: r.Type, UserID: r.User.ID, User: UserAnswer(r.User), Score: r.Score,
		CreatedAt: At(r.CreatedAt), UpdatedAt: At(r.UpdatedAt), Custom: Object(r.Custom),
	}
}

// ReactionAnswers returns reactions in the form of answers.
func ReactionAnswers(list []chat.Reaction) []*ReactionResponse {
	answers := make([]*ReactionResponse, len(list))
	for i, r := range list {
		answers[i] = ReactionAnswer(r)
	}
	return answers
}

// reactionGroup sums up a message's reactions of one type.
type reactionGroup struct {
	Count    int64           `json:"count"`
	Score    int64           `json:"sum_scores"`
	FirstAt  Nanos           `json:"first_reaction_at"`
	LastAt   Nanos           `json:"last_reaction_at"`
	LatestBy []reactionMaker `json:"latest_reactions_by"`
}

// reactionMaker is the user who made one of the latest reactions.
type reactionMaker struct {
	UserID    string        `json:"user_id"`
	User      *UserResponse `json:"user"`
	CreatedAt Nanos         `json:"created_at"`
}

func (r *MessageResponse) setReactions(m chat.Message) {
	r.ReactionCounts, r.ReactionScores, r.ReactionGroups = map[string]int64{}, map[string]int64{}, map[string]*reactionGroup{}
	for word, g := range m.Reactions {
		r.ReactionCounts[word], r.ReactionScores[word] = g.Count, g.Score
		r.ReactionGroups[word] = &reactionGroup{
			Count: g.Count, Score: g.Score, FirstAt: At(g.FirstAt), LastAt: At(g.LastAt), LatestBy: []reactionMaker{}}
	}
	for _, one := range m.Latest {
		if g := r.ReactionGroups[one.Type]; g != nil {
			g.LatestBy = append(g.LatestBy, reactionMaker{UserID: one.User.ID, User: UserAnswer(one.User), CreatedAt: At(one.CreatedAt)})
		}
	}
}
