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

// MaxRestrictions is how many restrictions of a channel are listed.
const MaxRestrictions = 1_000

// MaxReason is the longest reason of a restriction, in characters.
const MaxReason = 1_000

// Check says what is wrong with a restriction that is asked for, or nil.
func (r Restrict) Check() *Error {
	if LongerThan(r.Reason, MaxReason) || HasNUL(r.Reason) {
		return Invalid("reason", "reason has at most %d characters, none of them NUL.", MaxReason)
	}
	return nil
}
