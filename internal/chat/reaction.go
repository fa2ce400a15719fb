package chat

import (
	"encoding/json"
	"time"
)

// Reaction is a user's reaction to a message, in one word.
type Reaction struct {
	MessageID string
	Type      string // e.g. "like"
	User      User
	Score     int64
	Custom    map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Limits on reactions.
const (
	MaxReactionBytes = 1 << 10 // of a reaction's custom data, as JSON
	MaxReactionScore = 1_000_000
)

// Check returns an error if a reaction isn't valid.
func (r Reaction) Check() error {
	if err := CheckReaction(r.Type); err != nil {
		return err
	}
	if r.Score < 0 || r.Score > MaxReactionScore {
		return Invalid("score", "A score is between 0 and %d.", MaxReactionScore)
	}
	if text, err := json.Marshal(r.Custom); err != nil || len(text) > MaxReactionBytes {
		return Invalid("custom", "A reaction's custom data takes at most %d bytes.", MaxReactionBytes)
	}
	return CheckCustom(r.Custom)
}

// ReactionGroup summarizes the reactions of one type.
type ReactionGroup struct {
	Count   int64
	Score   int64
	FirstAt time.Time
	LastAt  time.Time
}
