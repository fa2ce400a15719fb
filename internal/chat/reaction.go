package chat

import (
	"encoding/json"
	"time"
)

// ReactionDetail is one user's reaction with all that Stream's API shows of it.
type ReactionDetail struct {
	MessageID string
	Type      string
	User      User
	Score     int64
	Custom    map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Limits on reactions.
const (
	MaxReactionBytes = 1 << 10 // of a reaction's own data, as JSON
	MaxReactionScore = 1_000_000
)

// CheckDetail says what is wrong with a reaction that Stream's API stores, or nil.
func (r ReactionDetail) CheckDetail() error {
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

// ReactionGroup sums up the reactions of one word.
type ReactionGroup struct {
	Count   int64
	Score   int64
	FirstAt time.Time
	LastAt  time.Time
}
