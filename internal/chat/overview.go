package chat

import "time"

// OverviewHours is the number of hours that an [Overview] covers.
const OverviewHours = 24

// Overview has the statistics of a chat. A chat without [MessageFigures] has none about messages.
type Overview struct {
	Channels int64
	Users    int64
	Messages *int64 // ever sent to the existing channels; nil if unknown
	// Hours are the numbers of messages in each of the last clock hours in UTC, the current hour
	// last; none if unknown.
	Hours []HourCount
}

// HourCount is the number of messages sent to the existing channels in an hour.
type HourCount struct {
	Start    time.Time
	Messages int64
}

// MessagesToday returns the number of messages sent since midnight UTC; nil if unknown.
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

// Limits of [Highlights].
const (
	HighlightsListed = 8                  // entries of each list, at most
	SilentAfter      = 7 * 24 * time.Hour // without a message
	EndingWithin     = 7 * 24 * time.Hour
)

// Highlights are things to look at, for instance in the morning.
type Highlights struct {
	Busy       []BusyChannel        // most messages in the last 24 hours first; nil if the provider doesn't know
	Silent     []Channel            // no message for SilentAfter, the longest silence first
	Newest     []Channel            // created last
	EndingBans []ChannelRestriction // bans that end within EndingWithin, the next first; nil if the provider doesn't know
}

// BusyChannel is a channel with its number of messages in the last 24 hours.
type BusyChannel struct {
	Channel  Channel
	Messages int64
}
