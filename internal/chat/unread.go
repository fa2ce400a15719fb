package chat

import "time"

// Unread is how much of a channel one of its members hasn't read.
type Unread struct {
	CID      CID
	Team     string
	Count    int64 // messages of others
	LastRead time.Time
}

// MaxUnreadChannels is how many channels one answer tells the unread messages of.
const MaxUnreadChannels = 500
