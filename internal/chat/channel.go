package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"backchannel/internal/fold"
)

// Limits on channels.
const (
	MaxNameLength   = 255    // characters of a channel's or user's name
	MaxDeleteAtOnce = 10_000 // cids in one bulk deletion
)

// Channel is a place where messages are posted.
type Channel struct {
	CID           CID
	Name          string
	Avatar        string // absolute URL; "" for none
	Frozen        bool   // only the back office, admins and moderators may post
	Disabled      bool   // only the back office may use it
	Cooldown      int    // minimum seconds between two messages of a user; 0 for none
	MessageCount  int64  // messages ever sent, including deleted ones
	MemberCount   int64
	Seq           int64  // of the last message or event
	CreatedBy     string // user id
	CreatedAt     time.Time
	UpdatedAt     time.Time // of the channel's own data; messages don't affect it
	LastMessageAt time.Time // zero before the first message

	Custom map[string]any // custom data, without name and avatar
	ChannelExtra
	Own ChannelSettings // of the user who asked; zero if no user did
}

// ID returns the channel's id within its type.
func (c Channel) ID() string { return c.CID.ID }

// Type returns the channel's type.
func (c Channel) Type() ChannelType { return c.CID.Type }

// Cursor marks the channel's place in lists by name.
func (c Channel) Cursor() string {
	return encodeCursor(channelCursor, fold.Key(c.Name), c.CID.String())
}

// Optional is an update of an optional text: leave it (the zero value), set it, or remove it.
type Optional struct {
	Set   bool
	Value string // "" removes
}

// CleanName trims the name of a channel or user and validates it: it must have 1 to 255 characters,
// at least one of them visible, and none that would mislead a reader.
func CleanName(name string) (string, *Error) {
	name = trim(name)
	if name == "" {
		return "", Invalid("", "The name must not be empty.").Because(NameEmpty)
	}
	if LongerThan(name, MaxNameLength) {
		return "", Invalid("", "The name must be at most %d characters long.", MaxNameLength).Because(NameTooLong)
	}
	if HasControl(name) {
		return "", Invalid("", "The name must not contain control characters.").Because(NameControl)
	}
	if strings.ContainsFunc(name, misleads) {
		return "", Invalid("", "The name must not contain line separators, direction overrides or noncharacters.").Because(NameMisleading)
	}
	if !utf8.ValidString(name) {
		return "", Invalid("", "The name must be well-formed Unicode (UTF-8).").Because(NameBroken)
	}
	if !visible(name) {
		return "", Invalid("", "The name must have a character that can be seen.").Because(NameInvisible)
	}
	return name, nil
}

// ChannelExtra is data that none of our rules use. The JSON names are the database's.
type ChannelExtra struct {
	Team            string         `json:"team,omitempty"`
	FilterTags      []string       `json:"filter_tags,omitempty"`
	ConfigOverrides map[string]any `json:"config_overrides,omitempty"` // overridden settings of the channel type
	TruncatedAt     time.Time      `json:"truncated_at,omitzero"`
	TruncatedBy     string         `json:"truncated_by,omitempty"` // user id
}

// ChannelSettings are a user's settings for one channel.
type ChannelSettings struct {
	Hidden       bool
	HiddenBefore time.Time // messages sent up to then are hidden from the user; zero for none
	Muted        bool
	MutedUntil   time.Time // zero if permanent
	ChangedAt    time.Time
}

// ChannelChange is an update of a channel and its members. Omitted parts don't change.
type ChannelChange struct {
	Operation  Operation
	CID        CID
	Data       func(c *Channel) error // changes the channel's own data; may be nil
	Add        []Member               // existing members are left as they are
	HideBefore time.Time              // messages sent up to then are hidden from added members; zero for none
	Invite     []Member
	Remove     []string          // user ids; non-members are ignored
	Roles      map[string]string // of members, by user id
	Accept     string            // id of the user who accepts its invitation
	Reject     string            // id of the user who rejects its invitation
	Message    *Message          // posted together with the change
	SkipHidden bool              // the channel stays hidden for users who hid it
}

// Truncation selects the messages to remove from a channel.
type Truncation struct {
	Before  time.Time // messages sent up to then, inclusive; zero for all
	Hard    bool      // keep nothing of them
	Members []string  // from these members only; empty for all
	Message *Message  // posted after the truncation
}
