package chat

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// Limits on fields that only Stream's API accepts.
const (
	MaxAttachmentBytes   = 256 << 10 // of a message's attachments in total, as JSON
	MaxMessageHTML       = 20_000    // bytes of HTML that the caller rendered
	LatestReactionsShown = 10
)

// MessageType is the type of a message that Stream's clients show.
type MessageType string

// The types that are stored. Replies and deleted messages are recognized by their fields.
const (
	RegularMessage MessageType = ""
	SystemMessage  MessageType = "system"
	ErrorMessage   MessageType = "error"
)

// Aside reports whether a message isn't shown in its channel: a reply that is shown only in its
// thread, or the remains of an erased message.
func (m Message) Aside() bool { return m.Erased || m.Parent != "" && !m.ShowInChannel }

// SaysTheSame reports whether two states of a message have the same content.
func (m Message) SaysTheSame(other Message) bool {
	same := func(a, b any) bool {
		x, _ := json.Marshal(a) // values that were read from JSON or validated can be encoded
		y, _ := json.Marshal(b)
		return bytes.Equal(x, y)
	}
	return m.Text == other.Text && same(IDs(m.Mentions), IDs(other.Mentions)) &&
		(len(m.Attachments)+len(other.Attachments) == 0 || same(m.Attachments, other.Attachments)) &&
		(len(m.Custom)+len(other.Custom) == 0 || same(m.Custom, other.Custom))
}

// Users returns users that have only ids.
func Users(ids []string) []User {
	if len(ids) == 0 {
		return nil
	}
	users := make([]User, len(ids))
	for i, id := range ids {
		users[i].ID = id
	}
	return users
}

// IDs returns the ids of users.
func IDs(users []User) []string {
	list := make([]string, len(users))
	for i, u := range users {
		list[i] = u.ID
	}
	return list
}

// PinnedNow reports whether a message is pinned and the pin hasn't expired.
func (m Message) PinnedNow(at time.Time) bool {
	return !m.PinnedAt.IsZero() && (m.PinExpires.IsZero() || m.PinExpires.After(at))
}

// Pin pins a message until a time, permanently if until is zero, or unpins it.
func (m *Message) Pin(pinned bool, until time.Time, by string, now time.Time) {
	switch {
	case !pinned:
		m.PinnedAt, m.PinExpires, m.PinnedBy = time.Time{}, time.Time{}, ""
	case m.PinnedNow(now):
		m.PinExpires = until
	default:
		m.PinnedAt, m.PinExpires, m.PinnedBy = now, until, by
	}
}

// Replies summarizes the thread of a message.
type Replies struct {
	Count        int
	Deleted      int
	Participants []User // users who replied, in the order of their first reply
	LastAt       time.Time
}

// Check returns an error if a message isn't valid. It doesn't check the length of the text, which
// the channel type limits.
func (m Message) Check() error {
	switch {
	case m.Type != RegularMessage && m.Type != SystemMessage && m.Type != ErrorMessage:
		return Invalid("type", "A message is of type regular, system or error.")
	case strings.ContainsAny(m.ID, ",%"):
		return Invalid("id", "A message id must not contain , or %%.")
	case HasNUL(m.Text) || HasNUL(m.HTML) || HasNUL(m.MML):
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
