package chat

import "time"

// OverviewHours is how many hours an [Overview] covers.
const OverviewHours = 24

// Overview is a chat in figures. A chat without [MessageFigures] has no figures of
// messages.
type Overview struct {
	Channels int64
	Users    int64
	Messages *int64 // ever sent to the current channels; nil if unknown
	// Hours are the messages in each of the last hours of the clock in UTC, the current
	// hour last; none if unknown.
	Hours []HourCount
}

// HourCount is how many messages were sent in an hour to the current channels.
type HourCount struct {
	Start    time.Time
	Messages int64
}

// MessagesToday is how many messages were sent since midnight, UTC; nil if unknown.
func (o Overview) MessagesToday() *int64 {
	if len(o.Hours) == 0 {
		return nil
	}
	midnight := o.Hours[len(o.Hours)-1].Start.Truncate(24 * time.Hour)
	var n int64
	for _, h := range o.Hours {
		if !h.Start.Before(midnight) {
			n += h.Messages
		}
	}
	return &n
}

// Contents is what is deleted with channels.
type Contents struct {
	Channels int64
	Messages int64 // ever sent; deleted ones count
	Members  int64 // memberships: a member of two channels counts twice

	RestorableUntil time.Time // if they are deleted now; zero if they can't come back
}

// What [Highlights] holds.
const (
	HighlightsListed = 8                  // of each list, at most
	SilentAfter      = 7 * 24 * time.Hour // without a message
	EndingWithin     = 7 * 24 * time.Hour
)

// Highlights is what deserves a look, for instance in the morning.
type Highlights struct {
	Busy       []BusyChannel        // most messages of the last 24 hours first; nil if the provider can't tell
	Silent     []Channel            // without a message for SilentAfter, the longest silence first
	Newest     []Channel            // created last
	EndingBans []ChannelRestriction // that end by themselves within EndingWithin, the next first; nil if the provider can't tell
}

// BusyChannel is a channel with its messages of the last 24 hours.
type BusyChannel struct {
	Channel  Channel
	Messages int64
}
