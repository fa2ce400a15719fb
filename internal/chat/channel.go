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
	MaxDeleteAtOnce = 10_000 // cids of one bulk delete
)

// Channel is a place where messages are posted.
type Channel struct {
	CID           CID
	Name          string
	Avatar        string // absolute URL; "" for none
	Frozen        bool   // only the back office, admins and moderators may post
	Disabled      bool   // for the back office only
	Cooldown      int    // seconds between two messages of a user; 0 for none
	MessageCount  int64  // messages ever sent; deleted ones count
	MemberCount   int64
	Seq           int64  // of the last message or event
	CreatedBy     string // user id
	CreatedAt     time.Time
	UpdatedAt     time.Time // of the channel's own data; messages don't change it
	LastMessageAt time.Time // zero before the first message

	Custom map[string]any // the callers' own data, without name and avatar
	ChannelExtra
	Own ChannelSettings // of the user who asked; zero if nobody did
}

// ID is the channel's id within its type.
func (c Channel) ID() string { return c.CID.ID }

// Type is the channel's type.
func (c Channel) Type() ChannelType { return c.CID.Type }

// Cursor marks the channel's place in lists by name.
func (c Channel) Cursor() string {
	return encodeCursor(channelCursor, fold.Key(c.Name), c.CID.String())
}

// Optional is what an update does to one optional text: nothing (the zero value),
// set it, or remove it.
type Optional struct {
	Set   bool
	Value string // "" removes
}

// CleanName trims a channel's or user's name and checks it: 1 to 255 characters, at least
// one of them visible, and none that would mislead a reader.
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

// ChannelExtra is data that no rule of ours needs. The JSON names are the database's.
type ChannelExtra struct {
	Team            string         `json:"team,omitempty"`
	FilterTags      []string       `json:"filter_tags,omitempty"`
	ConfigOverrides map[string]any `json:"config_overrides,omitempty"` // of the channel type's settings
	TruncatedAt     time.Time      `json:"truncated_at,omitzero"`
	TruncatedBy     string         `json:"truncated_by,omitempty"` // user id
}

// ChannelSettings is what a user has set for one channel.
type ChannelSettings struct {
	Hidden       bool
	HiddenBefore time.Time // messages up to then aren't shown to the user; zero for none
	Muted        bool
	MutedUntil   time.Time // zero if permanent
	ChangedAt    time.Time
}

// ChannelChange is what one update does to a channel and its members. Omitted parts stay.
type ChannelChange struct {
	Operation  Operation
	CID        CID
	Data       func(c *Channel) error // works on the channel's own data; may be nil
	Add        []Member               // existing members stay as they are
	HideBefore time.Time              // messages up to then are hidden from added members; zero for none
	Invite     []Member
	Remove     []string          // user ids; non-members are ignored
	Roles      map[string]string // of members, by user id
	Accept     string            // user who accepts its invitation
	Reject     string            // user who turns it down
	Message    *Message          // posted with the change
	SkipHidden bool              // the channel stays hidden for users who hid it
}

// Truncation says which of a channel's messages are removed.
type Truncation struct {
	Before  time.Time // up to then, inclusive; zero for all
	Hard    bool      // nothing of them is kept
	Members []string  // from these members only; empty for all
	Message *Message  // posted after it
}
