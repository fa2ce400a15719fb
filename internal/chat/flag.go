package chat

import "time"

// Flag is a user's request that moderators look at a message, or at a user.
type Flag struct {
	Item      string // an id that all flags of the same message or user share
	By        string // user id
	MessageID string // "" for a flag of a user
	TargetID  string // the user who is flagged, or who sent the message
	CID       CID    // of the message
	Reason    string
	Custom    map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// What a flag can be of, in Stream's words.
const (
	MessageEntity = "stream:chat:v1:message"
	UserEntity    = "stream:user"
)

// Check says what is wrong with a flag, or nil.
func (f Flag) Check() error {
	if longerThan(f.Reason, MaxReason) || hasNUL(f.Reason) {
		return Invalid("reason", "reason has at most %d characters, none of them NUL.", MaxReason)
	}
	if (f.MessageID == "") == (f.TargetID == "") {
		return Invalid("entity_id", "A flag is of a message or of a user.")
	}
	return CheckCustom(f.Custom)
}

// FlagSearch asks for flags by any of their fields.
type FlagSearch struct {
	Listing
	OfMessages bool // leave out those of users
	Deleted    bool // also those of deleted messages
}
