package chat

import "time"

// Restriction is a ban or mute of a user.
type Restriction struct {
	Kind      RestrictionKind
	UserID    string
	CID       CID // zero for all channels
	By        string
	Reason    string
	CreatedAt time.Time
	Until     time.Time // zero if permanent
}

// ChannelRestriction is a restriction in one channel, with its user.
type ChannelRestriction struct {
	Restriction
	User User
}

// MaxRestrictions is the maximum number of restrictions of a channel that are listed.
const MaxRestrictions = 1_000

// MaxReason is the maximum length of a restriction's reason, in characters.
const MaxReason = 1_000

// Check returns an error if a requested restriction isn't valid.
func (r Restrict) Check() *Error {
	if LongerThan(r.Reason, MaxReason) || HasNUL(r.Reason) {
		return Invalid("reason", "reason has at most %d characters, none of them NUL.", MaxReason)
	}
	return nil
}
