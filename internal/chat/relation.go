package chat

import "time"

// RelationKind is what one user wants of another.
type RelationKind string

// The kinds of relation. They matter to clients that show messages, not to senders.
const (
	Silence RelationKind = "mute"  // no notifications of its messages
	Block   RelationKind = "block" // not to have to do with it
)

// MaxRelations is how many users a user may have silenced, and how many blocked.
const MaxRelations = 5_000

// Relation is what a user wants of another.
type Relation struct {
	UserID    string
	Target    string
	CreatedAt time.Time
	UpdatedAt time.Time
	Until     time.Time // zero if permanent
}
