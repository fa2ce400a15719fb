package chat

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Limits on messages. DefaultMaxText can be configured, the others are fixed.
const (
	DefaultMaxText = 5_000 // characters of a text
	MaxAttachments = 30
	MaxMentions    = 25    // different users mentioned in one message
	MaxTitleLength = 255   // characters of an attachment's title
	MaxURLLength   = 2_048 // bytes of an attachment's URL
)

// Message is a post in a channel.
type Message struct {
	ID          string            `json:",omitzero"`
	CID         CID               `json:",omitzero"`
	Seq         int64             `json:",omitzero"` // its number in the channel's log, which has no gaps and is shared with events
	Sender      User              `json:",omitzero"`
	Text        string            `json:",omitzero"` // "" if it is deleted
	Attachments []json.RawMessage `json:",omitzero"` // JSON objects as they were sent; see [Message.ShownAttachments]
	Mentions    []User            `json:",omitzero"` // the mentioned users, in the given order
	Restricted  bool              `json:",omitzero"` // for some users only, in hosted Stream: shown only to the back office
	Shadowed    bool              `json:",omitzero"` // its sender was shadow banned: shown only to the sender and the back office
	Parent      string            `json:",omitzero"` // id of the message that it replies to; "" for none
	Type        MessageType       `json:",omitzero"`
	Custom      map[string]any    `json:",omitzero"` // custom data
	CreatedAt   time.Time         `json:",omitzero"`
	UpdatedAt   time.Time         `json:",omitzero"` // zero if never updated since it was sent
	EditedAt    time.Time         `json:",omitzero"` // when the text was edited; zero if never
	PinnedAt    time.Time         `json:",omitzero"` // zero if it isn't pinned
	PinExpires  time.Time         `json:",omitzero"` // zero if permanent
	DeletedAt   time.Time         `json:",omitzero"` // zero if it isn't deleted; a deleted message keeps its number and sender
	Erased      bool              `json:",omitzero"` // nothing but its number is left
	MessageExtra
	Reactions map[string]ReactionGroup `json:",omitzero"` // by type; nil for none

	// These fields are loaded for Stream's API only.
	MemberRole   string     `json:",omitzero"` // of the sender in the channel; "" if the sender isn't a member
	Quoted       *Message   `json:",omitzero"` // the quoted message, without its own quote; nil if it quotes none or the quoted one is gone
	PinnedByUser *User      `json:",omitzero"`
	Replies      Replies    `json:",omitzero"`
	Latest       []Reaction `json:",omitzero"` // the newest ones
	Own          []Reaction `json:",omitzero"` // those of the user who asked
	DeletedForMe bool       `json:",omitzero"` // the user who asked deleted it for itself
}

// MessageExtra is data that no rule uses. The JSON names are the database's.
type MessageExtra struct {
	HTML          string    `json:"html,omitempty"`
	MML           string    `json:"mml,omitempty"`
	QuotedID      string    `json:"quoted,omitempty"`
	ShowInChannel bool      `json:"show_in_channel,omitempty"` // a reply that is also shown outside its thread
	Silent        bool      `json:"silent,omitempty"`
	PinnedBy      string    `json:"pinned_by,omitempty"`
	WrittenBy     string    `json:"written_by,omitempty"` // the user who last changed the content; "" for the sender
	WrittenAt     time.Time `json:"written_at,omitzero"`  // zero if the content never changed since it was sent
	DeletedBy     string    `json:"deleted_by,omitempty"`
}

// VisibleTo reports whether an actor who may read the channel may see the message. Roles in the
// chat don't matter.
func (m Message) VisibleTo(who Actor) bool {
	return who.BackOffice || !m.Restricted && (!m.Shadowed || who.ID != "" && who.ID == m.Sender.ID)
}

// Size returns the approximate memory use of the message, in bytes.
func (m Message) Size() int {
	const fixed = 500 // per message, or part of one
	size := fixed + len(m.Text) + len(m.Sender.Name) + fixed*len(m.Mentions)
	for _, raw := range m.Attachments {
		size += fixed + len(raw)
	}
	return size
}

// Cursor marks the message's place in its channel.
func (m Message) Cursor() string { return encodeCursor(messageCursor, itoa(m.Seq)) }

// CheckText returns an error if a message's text isn't valid or has more than limit characters. A
// text without visible characters counts as empty. A message may be empty only if it has
// attachments.
func CheckText(text string, limit int, attachments int) *Error {
	switch {
	case LongerThan(text, limit):
		return Invalid("", "The text must be at most %d characters long.", limit)
	case HasNUL(text):
		return Invalid("", "The text must not contain the NUL character.")
	case attachments == 0 && trim(text) == "":
		return Invalid("", "A message without attachments needs a text.")
	case attachments == 0 && !visible(text):
		return Invalid("", "A message without attachments needs a text that can be seen.")
	}
	return nil
}

// MaxMessageIDLength is the maximum length of a message's id, in bytes.
const MaxMessageIDLength = 255

// CheckMessageID returns an error if a message id isn't valid.
func CheckMessageID(id string) *Error {
	if id == "" || len(id) > MaxMessageIDLength || HasNUL(id) {
		return Invalid("", "A message id is 1 to %d bytes long.", MaxMessageIDLength)
	}
	return nil
}

// FoldMentions removes repeated ids, keeping the first of each, and fails if more than
// [MaxMentions] remain.
func FoldMentions(ids []string) ([]string, *Error) {
	var folded []string
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			folded = append(folded, id)
		}
	}
	if len(folded) > MaxMentions {
		return nil, Invalid("", "A message mentions at most %d users.", MaxMentions)
	}
	return folded, nil
}

// UnknownUsers returns the error for unknown user ids.
func UnknownUsers(field string, ids []string) *Error {
	named := slices.Sorted(slices.Values(ids))
	for i, id := range named {
		if len(id) > MaxUserIDLength {
			named[i] = strings.ToValidUTF8(id[:MaxUserIDLength], "") + "…"
		}
	}
	return Invalid(field, "No such chat users: %s.", strings.Join(named, ", "))
}

// within returns err as an error of a field.
func within(field string, err *Error) *Error {
	e := *err
	e.Field = field
	return &e
}
