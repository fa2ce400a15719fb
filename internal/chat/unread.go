package chat

import "time"

// Unread is how much of a channel a member hasn't read.
type Unread struct {
	CID      CID
	Team     string
	Count    int64 // messages of others
	LastRead time.Time
}

// MaxUnreadChannels is for how many channels one answer counts unread messages.
const MaxUnreadChannels = 500
