package chat

import "time"

// Member is a user who belongs to a channel.
type Member struct {
	User    User
	AddedAt time.Time
	ReadSeq int64 // how far the user has read; 0 for nothing
}

// MaxMembersAtOnce is how many members one change adds or removes.
const MaxMembersAtOnce = 1_000

// OpenToAll reports whether everybody may read channels of this type, and not
// their members only.
func (t ChannelType) OpenToAll() bool { return t == Livestream }

// RestrictionKind is what a restriction takes away.
type RestrictionKind string

// The kinds of restriction.
const (
	Ban  RestrictionKind = "ban"  // the user may neither read nor write
	Mute RestrictionKind = "mute" // the user may read and not write
)

// MaxReactionLength is the longest word of a reaction, in characters.
const MaxReactionLength = 30

// CheckReaction says what is wrong with a reaction's word, or nil.
func CheckReaction(word string) *Error {
	if !madeOf(word, MaxReactionLength, "_-+") {
		return Invalid("", "A reaction is 1 to %d characters of A-Z a-z 0-9 _ - +, e.g. like.", MaxReactionLength)
	}
	return nil
}
