package chat

import "time"

// Member is a user who belongs to a channel.
type Member struct {
	CID         CID
	User        User
	Role        string         // in the channel; "" means [ChannelMember]
	Custom      map[string]any // custom data
	AddedAt     time.Time
	UpdatedAt   time.Time // zero if never updated
	ReadSeq     int64     // seq up to which the user has read; 0 for nothing
	ReadAt      time.Time // zero if never
	PinnedAt    time.Time // when the user pinned the channel; zero if it isn't pinned
	ArchivedAt  time.Time // when the user archived the channel; zero if it isn't archived
	Banned      bool      // in this channel
	BannedUntil time.Time // zero if permanent
	MemberExtra
}

// Cursor marks the member's place in the list of its channel.
func (m Member) Cursor() string { return encodeCursor(memberCursor, m.User.ID) }

// MaxMembersAtOnce is the maximum number of members that one change adds or removes.
const MaxMembersAtOnce = 1_000

// OpenToAll reports whether everybody may read channels of this type; otherwise only their members
// may.
func (t ChannelType) OpenToAll() bool { return t == Livestream }

// RestrictionKind is the kind of a restriction: which right it removes.
type RestrictionKind string

// The kinds of restriction.
const (
	Ban  RestrictionKind = "ban"  // the user may neither read nor write
	Mute RestrictionKind = "mute" // the user may read but not write

	// Shadow lets the user write, but only the user and the back office see the messages. It has no
	// effect on moderators.
	Shadow RestrictionKind = "shadow"
)

// MaxReactionLength is the maximum length of a reaction's type, in characters.
const MaxReactionLength = 30

// The maximum numbers of reaction types of a message.
const (
	MaxReactionsOfUser = 10 // of one user
	MaxReactionTypes   = 50 // of all users
)

// CheckReactionRoom returns an error if a message has no room for a reaction type that the user
// hasn't used on it yet. ofUser and ofAll are the numbers of types used by the user and by all
// users; used says whether all users' types include this one.
func CheckReactionRoom(ofUser, ofAll int, used bool) *Error {
	switch {
	case ofUser >= MaxReactionsOfUser:
		return Invalid("type", "A user reacts to a message with at most %d types of reactions. Remove one first.", MaxReactionsOfUser)
	case !used && ofAll >= MaxReactionTypes:
		return Invalid("type", "A message has at most %d types of reactions. Use one of those.", MaxReactionTypes)
	}
	return nil
}

// CheckReaction returns an error if a reaction's type isn't valid.
func CheckReaction(word string) *Error {
	if !MadeOf(word, MaxReactionLength, "_-+") {
		return Invalid("", "A reaction is 1 to %d characters of A-Z a-z 0-9 _ - +, e.g. like.", MaxReactionLength)
	}
	return nil
}

// The built-in roles of members in a channel.
const (
	ChannelMember    = "channel_member"
	ChannelModerator = "channel_moderator"
)

// MemberExtra is data that none of our rules use. The JSON names are the database's.
type MemberExtra struct {
	Invited    bool      `json:"invited,omitempty"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"` // when the user accepted the invitation
	RejectedAt time.Time `json:"rejected_at,omitzero"`

	DeliveredID string    `json:"delivered,omitempty"` // id of the last message delivered to the user's device
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
}

// MaxUnread is the number up to which unread messages are counted.
const MaxUnread = 255

// ReadState says how far a member has read.
type ReadState struct {
	LastRead string // id of the last message read; "" for none
	Unread   int    // messages of others after it, at most [MaxUnread]
}
