package chat

import (
	"context"
	"time"
)

// EventLifetime is how long logs keep events.
const EventLifetime = 30 * 24 * time.Hour

// EventType is the kind of an event, with Stream's names.
type EventType string

// The events of a channel. Those of the second group are sent to current subscribers and never
// stored.
const (
	MessageNew       EventType = "message.new"
	MessageUpdated   EventType = "message.updated" // edited, pinned or unpinned
	MessageDeleted   EventType = "message.deleted"
	ReactionNew      EventType = "reaction.new"
	ReactionDeleted  EventType = "reaction.deleted"
	MessageRead      EventType = "message.read"
	MemberAdded      EventType = "member.added"
	MemberRemoved    EventType = "member.removed"
	ChannelUpdated   EventType = "channel.updated"
	UserBanned       EventType = "user.banned"
	UserUnbanned     EventType = "user.unbanned"
	MemberUpdated    EventType = "member.updated"
	ChannelTruncated EventType = "channel.truncated" // all or some of its messages were removed
	UserMuted        EventType = "user.muted"
	UserUnmuted      EventType = "user.unmuted"

	TypingStart     EventType = "typing.start"
	TypingStop      EventType = "typing.stop"
	PresenceChanged EventType = "user.presence.changed"
)

// AccessChanged means that the user's rights changed everywhere, by a new role or a ban in all
// channels. It is in the feed of every channel, is never stored, and isn't shown to callers. A
// receiver must call MayRead again.
const AccessChanged EventType = "access.changed"

// The events of the back office, in addition to bans and mutes.
const (
	ChannelCreated EventType = "channel.created"
	ChannelDeleted EventType = "channel.deleted"
	UserUpdated    EventType = "user.updated"    // a role was set
	MessageFlagged EventType = "message.flagged" // a user reported the message to the moderators
	UserFlagged    EventType = "user.flagged"
)

// ChangeRecorded is the only event of the feed of changes.
const ChangeRecorded EventType = "change.recorded"

// JobProgressed is the only event of the feed of jobs.
const JobProgressed EventType = "job.progressed"

// InBothLogs reports whether events of this type about a channel are in the channel's log and in the
// back office's.
func (t EventType) InBothLogs() bool {
	switch t {
	case ChannelUpdated, ChannelTruncated, UserBanned, UserUnbanned, UserMuted, UserUnmuted:
		return true
	}
	return false
}

// Event is something that happened. It contains the current version of its subject: if a message
// was edited since, the event has the new text. In JSON, which servers exchange, zero fields are
// omitted.
type Event struct {
	Seq       int64     `json:",omitzero"` // its number in the channel's log, shared with messages; an event that isn't stored has the number of the one before it
	Type      EventType `json:",omitzero"`
	CID       CID       `json:",omitzero"` // zero for an event of the back office about a user
	User      User      `json:",omitzero"` // the user who did it, or to whom it was done
	Message   *Message  `json:",omitzero"` // for events about a message; nil if it is gone
	Reaction  *Reaction `json:",omitzero"` // for reactions
	ReadSeq   int64     `json:",omitzero"` // for MessageRead: how far the user has read
	Online    bool      `json:",omitzero"` // for PresenceChanged
	Change    *Change   `json:",omitzero"` // for ChangeRecorded
	Job       *Job      `json:",omitzero"` // for JobProgressed
	Custom    string    `json:",omitzero"` // for a custom event: its data, a JSON object; "" for others
	CreatedAt time.Time `json:",omitzero"`
}

// Hidden reports whether an event is about a message that an actor must not see.
func (e Event) Hidden(from Actor) bool { return e.Message != nil && !e.Message.VisibleTo(from) }

// AltersMessage reports whether the event changes a message shown by earlier events.
func (e Event) AltersMessage() bool { return e.Type == MessageUpdated || e.Type == MessageDeleted }

// Feed returns events in the order of their seq, without gaps or repeats. Between them it returns
// events that aren't stored, with the seq of the event before.
type Feed struct {
	// Start is the seq after which the feed begins.
	Start int64
	// End returns the newest known seq of the log.
	End func() int64
	// Next waits for events and returns one or more. The slice is shared: callers must not
	// change it. It fails with NotFound after the channel is deleted, and with Refetch if
	// the log no longer reaches back to the feed's position.
	Next func(ctx context.Context) ([]Event, error)
	// Close closes the feed, which must not be used afterwards.
	Close func()
}
