package chat

import (
	"context"
	"strings"
	"time"
)

// EventType names what happened, in Stream's words.
type EventType string

// The events of a channel. Those of the second group are passed on to whoever
// listens now and are never stored.
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
	ChannelTruncated EventType = "channel.truncated" // its messages are gone, or some
	UserMuted        EventType = "user.muted"
	UserUnmuted      EventType = "user.unmuted"

	TypingStart     EventType = "typing.start"
	TypingStop      EventType = "typing.stop"
	PresenceChanged EventType = "user.presence.changed"
)

// MaxEventType is the longest type of an event of the callers' own, in bytes.
const MaxEventType = 255

// CheckOwn says what is wrong with the type of an event of the callers' own, or nil. A
// dot is what tells the chat's events from those.
func (t EventType) CheckOwn() error {
	if t == "" || len(t) > MaxEventType || hasNUL(string(t)) || strings.Contains(string(t), ".") {
		return Invalid("type", "The type of an event of your own is 1 to %d bytes, without dots and NUL.", MaxEventType)
	}
	return nil
}

// AccessChanged says that what the user may do changed everywhere: a role was set,
// a ban holds in all channels. It comes with the feed of every channel, is never
// stored, and isn't shown to callers: who serves the feed asks MayRead again.
const AccessChanged EventType = "access.changed"

// The further events of the back office, besides bans and mutes.
const (
	ChannelCreated EventType = "channel.created"
	ChannelDeleted EventType = "channel.deleted"
	UserUpdated    EventType = "user.updated"    // a role was set
	MessageFlagged EventType = "message.flagged" // the user wants the moderators to look at it
	UserFlagged    EventType = "user.flagged"
)

// Event is something that happened. What it is about is shown as it is now, not
// as it was then: a message edited since comes with its present text.
type Event struct {
	Seq       int64 // its number in the channel's log, shared with messages; an event that isn't stored has that of the one before
	Type      EventType
	CID       CID       // zero for an event of the back office about a user
	User      User      // who did it, or to whom it was done
	Message   *Message  // for events about a message; nil where it is gone
	Reaction  *Reaction // for reactions
	ReadSeq   int64     // for MessageRead: how far the user has read
	Online    bool      // for PresenceChanged
	Custom    string    // for an event of the callers' own: what came with it, a JSON object; "" for others
	CreatedAt time.Time
}

// Hidden reports whether an event is about a message that somebody may not see.
func (e Event) Hidden(from Actor) bool { return e.Message != nil && !e.Message.VisibleTo(from) }

// AltersMessage reports whether a message no longer is as the events before this
// one show it.
func (e Event) AltersMessage() bool { return e.Type == MessageUpdated || e.Type == MessageDeleted }

// Feed gives events in the order of their seq, without gap or repeat. Between them
// come those that are not stored, with the seq of the event given before.
type Feed struct {
	// Start is the seq after which the feed begins.
	Start int64
	// End returns the seq that the log has come to, as far as is known here.
	End func() int64
	// Next waits for events and returns one or more. The slice is shared: callers
	// must not change it. It fails with NotFound once the channel is deleted, and
	// with Refetch where the log no longer reaches back to where the feed stands.
	Next func(ctx context.Context) ([]Event, error)
	// Close frees the feed. Nothing may be called after it.
	Close func()
}
