package chat

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// Limits on what Stream's API takes beyond what ours does.
const (
	MaxAttachmentBytes   = 256 << 10 // of a message's attachments together, as JSON
	MaxMessageHTML       = 20_000    // bytes of a rendering that the caller made
	LatestReactionsShown = 10
)

// MessageDetail is a message with all that Stream's API shows of it.
type MessageDetail struct {
	ID          string
	CID         CID
	Seq         int64
	Sender      User
	MemberRole  string // of the sender in the channel; "" for who is no member
	Text        string
	Attachments []json.RawMessage // objects, as they were sent
	Mentions    []User
	Shadowed    bool           // its sender was shadow banned: only that one and the back office may see it
	Parent      string         // id of the message that it replies to; "" for none
	Custom      map[string]any // the callers' own data
	CreatedAt   time.Time
	UpdatedAt   time.Time // zero for never since sent
	EditedAt    time.Time // the text; zero for never
	PinnedAt    time.Time // zero while it isn't
	DeletedAt   time.Time // zero while it stands
	MessageExtra
	Quoted       *MessageDetail // what it quotes, one deep; nil for nothing, or where that is gone
	PinnedByUser *User
	Replies      Replies
	Reactions    map[string]ReactionGroup
	Latest       []ReactionDetail // the newest few
	Own          []ReactionDetail // of the user who asked
	DeletedForMe bool             // by the user who asked
}

// MessageExtra is what no rule of ours asks for. The JSON names are the database's.
type MessageExtra struct {
	Type          MessageType `json:"type,omitempty"`
	HTML          string      `json:"html,omitempty"`
	MML           string      `json:"mml,omitempty"`
	QuotedID      string      `json:"quoted,omitempty"`
	ShowInChannel bool        `json:"show_in_channel,omitempty"` // a reply, beside its thread
	Silent        bool        `json:"silent,omitempty"`
	PinnedBy      string      `json:"pinned_by,omitempty"`
	PinExpires    time.Time   `json:"pin_expires,omitzero"`
	WrittenBy     string      `json:"written_by,omitempty"` // who changed what it says last; "" for the sender
	WrittenAt     time.Time   `json:"written_at,omitzero"`  // zero for never since sent
	DeletedBy     string      `json:"deleted_by,omitempty"`
	Erased        bool        `json:"erased,omitempty"` // gone for good: only its number is left
}

// MessageType is what kind of message Stream's clients show.
type MessageType string

// The types that a message is sent with. Replies and deleted messages are told by
// what they are.
const (
	RegularMessage MessageType = ""
	SystemMessage  MessageType = "system"
	ErrorMessage   MessageType = "error"
)

// Aside reports whether a message isn't among its channel's own: a reply that is
// shown in its thread only, and what is left of an erased message.
func (m MessageDetail) Aside() bool { return m.Erased || m.Parent != "" && !m.ShowInChannel }

// SaysTheSame reports whether two states of a message have the same content.
func (m MessageDetail) SaysTheSame(other MessageDetail) bool {
	same := func(a, b any) bool {
		x, _ := json.Marshal(a) // what was read from JSON, or passed the checks, encodes
		y, _ := json.Marshal(b)
		return bytes.Equal(x, y)
	}
	return m.Text == other.Text && same(ids(m.Mentions), ids(other.Mentions)) &&
		(len(m.Attachments)+len(other.Attachments) == 0 || same(m.Attachments, other.Attachments)) &&
		(len(m.Custom)+len(other.Custom) == 0 || same(m.Custom, other.Custom))
}

func ids(users []User) []string {
	list := make([]string, len(users))
	for i, u := range users {
		list[i] = u.ID
	}
	return list
}

// PinnedNow reports whether a message is pinned and that hasn't expired.
func (m MessageDetail) PinnedNow(at time.Time) bool {
	return !m.PinnedAt.IsZero() && (m.PinExpires.IsZero() || m.PinExpires.After(at))
}

// Pin pins a message until a time, zero for good, or unpins it.
func (m *MessageDetail) Pin(pinned bool, until time.Time, by string, now time.Time) {
	switch {
	case !pinned:
		m.PinnedAt, m.PinExpires, m.PinnedBy = time.Time{}, time.Time{}, ""
	case m.PinnedNow(now):
		m.PinExpires = until
	default:
		m.PinnedAt, m.PinExpires, m.PinnedBy = now, until, by
	}
}

// Replies sums up the thread below a message.
type Replies struct {
	Count        int
	Deleted      int
	Participants []User // who replied, in the order of their first reply
	LastAt       time.Time
}

// MessageVersion is what a message said before it was changed or deleted.
type MessageVersion struct {
	MessageID   string
	Text        string
	Attachments []json.RawMessage
	Mentions    []User
	Custom      map[string]any
	WrittenBy   string // user id
	WrittenAt   time.Time
	Deleted     bool // the message is, now
}

// SiblingsQuery asks for messages of a channel, or replies to a message.
type SiblingsQuery struct {
	CID           CID
	Parent        string // "" for the channel's own messages
	After, Before int64  // seq, both excluded; 0: unbounded
	FromEnd       bool   // the last ones; they come oldest first all the same
	Limit         int
}

// Listing asks for a part of what matches.
type Listing struct {
	Filter Filter
	Sort   []Sort
	Limit  int // at least 1
	Offset int
}

// CheckDetail says what is wrong with a message that Stream's API stores, or nil.
// The text's length is the channel type's to say.
func (m MessageDetail) CheckDetail() error {
	switch {
	case m.Type != RegularMessage && m.Type != SystemMessage && m.Type != ErrorMessage:
		return Invalid("type", "A message is of type regular, system or error.")
	case strings.ContainsAny(m.ID, ",%"):
		return Invalid("id", "A message id must not contain , or %%.")
	case hasNUL(m.Text) || hasNUL(m.HTML) || hasNUL(m.MML):
		return Invalid("text", "The text must not contain the NUL character.")
	case len(m.HTML) > MaxMessageHTML || len(m.MML) > MaxMessageHTML:
		return Invalid("html", "html and mml take at most %d bytes each.", MaxMessageHTML)
	case len(m.Mentions) > MaxMentions:
		return Invalid("mentioned_users", "A message mentions at most %d users.", MaxMentions)
	}
	if err := CheckMessageID(m.ID); err != nil {
		return err
	}
	if err := checkAttachments(m.Attachments); err != nil {
		return err
	}
	return CheckCustom(m.Custom)
}

func checkAttachments(list []json.RawMessage) error {
	if len(list) > MaxAttachments {
		return Invalid("attachments", "A message carries at most %d attachments.", MaxAttachments)
	}
	size := 0
	for _, raw := range list {
		if size += len(raw); size > MaxAttachmentBytes {
			return Invalid("attachments", "The attachments take at most %d bytes together.", MaxAttachmentBytes)
		}
		if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
			return Invalid("attachments", "An attachment is an object.")
		}
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if d.Decode(&object) != nil || checkJSON(object, MaxCustomDepth) != nil {
			return Invalid("attachments", "The attachments must not contain the NUL character, numbers beyond those of 64 bits, or more than %d levels.", MaxCustomDepth)
		}
	}
	return nil
}
