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

// Message is what somebody posted in a channel.
type Message struct {
	ID          string            `json:",omitzero"`
	CID         CID               `json:",omitzero"`
	Seq         int64             `json:",omitzero"` // its number in the channel's log, which has no gap and which events share
	Sender      User              `json:",omitzero"`
	Text        string            `json:",omitzero"` // "" once deleted
	Attachments []json.RawMessage `json:",omitzero"` // objects, as they were sent; [Message.ShownAttachments] reads them
	Mentions    []User            `json:",omitzero"` // who is mentioned, in the order given
	Restricted  bool              `json:",omitzero"` // for some users only, from hosted Stream: shown to the back office only
	Shadowed    bool              `json:",omitzero"` // its sender was shadow banned: shown to the sender and the back office only
	Parent      string            `json:",omitzero"` // id of the message that it replies to; "" for none
	Type        MessageType       `json:",omitzero"`
	Custom      map[string]any    `json:",omitzero"` // the callers' own data
	CreatedAt   time.Time         `json:",omitzero"`
	UpdatedAt   time.Time         `json:",omitzero"` // zero if it never was since it was sent
	EditedAt    time.Time         `json:",omitzero"` // the text; zero if it never was
	PinnedAt    time.Time         `json:",omitzero"` // zero while it isn't
	PinExpires  time.Time         `json:",omitzero"` // zero for never
	DeletedAt   time.Time         `json:",omitzero"` // zero if it isn't deleted; a deleted message keeps its number and sender
	Erased      bool              `json:",omitzero"` // only its number is left
	MessageExtra
	Reactions map[string]ReactionGroup `json:",omitzero"` // by their type; nil for none

	// What is loaded for Stream's API only.
	MemberRole   string     `json:",omitzero"` // of the sender in the channel; "" if the sender isn't a member
	Quoted       *Message   `json:",omitzero"` // what it quotes, one deep; nil for nothing, or if that is gone
	PinnedByUser *User      `json:",omitzero"`
	Replies      Replies    `json:",omitzero"`
	Latest       []Reaction `json:",omitzero"` // the newest few
	Own          []Reaction `json:",omitzero"` // of the user who asked
	DeletedForMe bool       `json:",omitzero"` // by the user who asked
}

// MessageExtra is data that no rule needs. The JSON names are the database's.
type MessageExtra struct {
	HTML          string    `json:"html,omitempty"`
	MML           string    `json:"mml,omitempty"`
	QuotedID      string    `json:"quoted,omitempty"`
	ShowInChannel bool      `json:"show_in_channel,omitempty"` // a reply, beside its thread
	Silent        bool      `json:"silent,omitempty"`
	PinnedBy      string    `json:"pinned_by,omitempty"`
	WrittenBy     string    `json:"written_by,omitempty"` // who changed what it says last; "" for the sender
	WrittenAt     time.Time `json:"written_at,omitzero"`  // zero for never since sent
	DeletedBy     string    `json:"deleted_by,omitempty"`
}

// VisibleTo reports whether an actor who may read the channel may see the message. Roles in
// the chat make no difference.
func (m Message) VisibleTo(who Actor) bool {
	return who.BackOffice || !m.Restricted && (!m.Shadowed || who.ID != "" && who.ID == m.Sender.ID)
}

// Size is about how many bytes the message takes in memory.
func (m Message) Size() int {
	const fixed = 500 // of a message, or of a part of it
	size := fixed + len(m.Text) + len(m.Sender.Name) + fixed*len(m.Mentions)
	for _, raw := range m.Attachments {
		size += fixed + len(raw)
	}
	return size
}

// Cursor marks the message's place in its channel.
func (m Message) Cursor() string { return encodeCursor(messageCursor, itoa(m.Seq)) }

// CheckText says what is wrong with a message's text of at most limit characters. A text
// without a visible character counts as empty, and a message may be empty only if it
// carries attachments.
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

// MaxMessageIDLength is the longest id of a message, in bytes.
const MaxMessageIDLength = 255

// CheckMessageID says what is wrong with a message id, or nil.
func CheckMessageID(id string) *Error {
	if id == "" || len(id) > MaxMessageIDLength || HasNUL(id) {
		return Invalid("", "A message id is 1 to %d bytes long.", MaxMessageIDLength)
	}
	return nil
}

// FoldMentions drops repeated ids, keeping the first of each, and checks that no
// more than [MaxMentions] remain.
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

// UnknownUsers is the error for unknown user ids.
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
