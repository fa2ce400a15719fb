package chat

import "time"

// Member is a user who belongs to a channel.
type Member struct {
	CID         CID
	User        User
	Role        string         // in the channel; "" means [ChannelMember]
	Custom      map[string]any // the callers' own data
	AddedAt     time.Time
	UpdatedAt   time.Time // zero for never since
	ReadSeq     int64     // how far the user has read; 0 for nothing
	ReadAt      time.Time // zero for never
	PinnedAt    time.Time // the channel among the user's own; zero for not
	ArchivedAt  time.Time // likewise
	Banned      bool      // in this channel
	BannedUntil time.Time // zero if permanent
	MemberExtra
}

// Cursor marks the member's place in the list of its channel.
func (m Member) Cursor() string { return encodeCursor(memberCursor, m.User.ID) }

// MaxMembersAtOnce is how many members one change adds or removes.
const MaxMembersAtOnce = 1_000

// OpenToAll reports whether everybody may read channels of this type, and not
// their members only.
func (t ChannelType) OpenToAll() bool { return t == Livestream }

// RestrictionKind says which right a restriction takes away.
type RestrictionKind string

// The kinds of restriction.
const (
	Ban  RestrictionKind = "ban"  // the user may neither read nor write
	Mute RestrictionKind = "mute" // the user may read and not write

	// Shadow lets the user write, but only the user and the back office see the messages. A
	// shadow ban of a moderator has no effect.
	Shadow RestrictionKind = "shadow"
)

// MaxReactionLength is the longest word of a reaction, in characters.
const MaxReactionLength = 30

// The most types of reactions to a message.
const (
	MaxReactionsOfUser = 10 // of one user
	MaxReactionTypes   = 50 // of all users
)

// CheckReactionRoom says why a message takes no reaction of a type that is new from the
// user, or nil. Its arguments are how many types the user and how many all users have used,
// and whether this type is among the latter.
func CheckReactionRoom(ofUser, ofAll int, used bool) *Error {
	switch {
	case ofUser >= MaxReactionsOfUser:
		return Invalid("type", "A user reacts to a message with at most %d types of reactions. Remove one first.", MaxReactionsOfUser)
	case !used && ofAll >= MaxReactionTypes:
		return Invalid("type", "A message has at most %d types of reactions. Use one of those.", MaxReactionTypes)
	}
	return nil
}

// CheckReaction says what is wrong with a reaction's word, or nil.
func CheckReaction(word string) *Error {
	if !MadeOf(word, MaxReactionLength, "_-+") {
		return Invalid("", "A reaction is 1 to %d characters of A-Z a-z 0-9 _ - +, e.g. like.", MaxReactionLength)
	}
	return nil
}

// The roles of members in their channel that are built in.
const (
	ChannelMember    = "channel_member"
	ChannelModerator = "channel_moderator"
)

// MemberExtra is data that no rule of ours needs. The JSON names are the database's.
type MemberExtra struct {
	Invited    bool      `json:"invited,omitempty"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"` // the invitation
	RejectedAt time.Time `json:"rejected_at,omitzero"`

	DeliveredID string    `json:"delivered,omitempty"` // the last message that reached the user's device
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
}

// MaxUnread is up to which number unread messages are counted.
const MaxUnread = 255

// ReadState is how far a member has read.
type ReadState struct {
	LastRead string // id of the last message read; "" for none
	Unread   int    // messages of others since, at most [MaxUnread]
}
