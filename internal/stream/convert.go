package stream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

// object is a JSON object.
type object = map[string]any

// moment is a time in Stream's form: nanoseconds since 1970 or null; in webhooks a text.
type moment struct{ time.Time }

// lastYear is the last whole year whose times are such numbers, and sequence numbers in microseconds.
const lastYear = 2254

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	if len(text) > 0 && text[0] == '"' { // in webhooks
		err := m.Time.UnmarshalJSON(text)
		if err == nil && m.Year() > lastYear {
			err = fmt.Errorf("a time is in the year %d", m.Year())
		}
		return err
	}
	nanos, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("a time is not a number: %w", err)
	}
	m.Time = time.Unix(0, nanos).UTC()
	return nil
}

// MarshalJSON implements json.Marshaler.
func (m moment) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, m.UnixNano(), 10), nil }

// Stamp returns a time in the form of Stream's filters.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// orZero returns an optional time, zero for nil.
func orZero(m *moment) time.Time {
	if m == nil {
		return time.Time{}
	}
	return m.Time
}

// Custom fields that we write, in addition to Stream's name and image.
const (
	nameField  = "name"
	imageField = "image"
	markField  = "backchannel_created" // identifies the call that created the channel
)

type wireUser struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Role    string  `json:"role"`
	Banned  bool    `json:"banned"` // in all channels
	BanEnds *moment `json:"ban_expires"`
	// These take room in addition to the name.
	Image     jsonSize `json:"image,omitzero"`
	Custom    jsonSize `json:"custom,omitzero"`
	CreatedAt moment   `json:"created_at"`
	UpdatedAt moment   `json:"updated_at"`

	DeactivatedAt *moment `json:"deactivated_at,omitempty"` // nil if active
}

// UnmarshalJSON implements json.Unmarshaler.
func (w *wireUser) UnmarshalJSON(text []byte) error {
	type plain wireUser
	err := json.Unmarshal(text, (*plain)(w))
	w.ID = OurID(w.ID)
	return err
}

// MarshalJSON implements json.Marshaler.
func (w wireUser) MarshalJSON() ([]byte, error) {
	type plain wireUser
	w.ID, w.Image, w.Custom = StreamID(w.ID), 0, 0
	return json.Marshal(plain(w))
}

// jsonSize is how many bytes a value takes as JSON.
type jsonSize int

// UnmarshalJSON implements json.Unmarshaler.
func (n *jsonSize) UnmarshalJSON(text []byte) error {
	*n = jsonSize(len(text))
	return nil
}

type wireChannel struct {
	CID           string     `json:"cid"`
	Type          string     `json:"type"`
	ID            string     `json:"id"`
	Frozen        bool       `json:"frozen"`
	Config        typeConfig `json:"config"`
	Custom        object     `json:"custom"`
	CreatedBy     *wireUser  `json:"created_by"`
	MessageCount  int64      `json:"message_count"` // 0 if the app doesn't count messages
	MemberCount   int64      `json:"member_count"`
	CreatedAt     moment     `json:"created_at"`
	UpdatedAt     moment     `json:"updated_at"`
	LastMessageAt *moment    `json:"last_message_at"`
}

func (w wireChannel) text(field string) string {
	s, _ := w.Custom[field].(string)
	return s
}

func (w wireChannel) channel() chat.Channel {
	c := chat.Channel{
		CID:           chat.CID{Type: chat.ChannelType(w.Type), ID: w.ID},
		Name:          w.text(nameField),
		Avatar:        w.text(imageField),
		Frozen:        w.Frozen,
		MessageCount:  w.MessageCount,
		MemberCount:   w.MemberCount,
		CreatedAt:     w.CreatedAt.Time,
		UpdatedAt:     w.UpdatedAt.Time,
		LastMessageAt: orZero(w.LastMessageAt),
	}
	if w.CreatedBy != nil {
		c.CreatedBy = w.CreatedBy.ID
	}
	return c
}

type wireMember struct {
	UserID      string   `json:"user_id"`
	User        wireUser `json:"user"`
	ChannelRole string   `json:"channel_role"`
	Banned      bool     `json:"banned"`
	CreatedAt   moment   `json:"created_at"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (w *wireMember) UnmarshalJSON(text []byte) error {
	type plain wireMember
	err := json.Unmarshal(text, (*plain)(w))
	w.UserID = OurID(w.UserID)
	return err
}

type wireMessage struct {
	ID          string            `json:"id"`
	CID         string            `json:"cid"`
	Type        string            `json:"type"`
	Text        string            `json:"text"`
	User        wireUser          `json:"user"`
	Attachments []json.RawMessage `json:"attachments"`
	Mentioned   []wireUser        `json:"mentioned_users"`
	Reactions   map[string]int    `json:"reaction_counts"`
	CreatedAt   moment            `json:"created_at"`
	UpdatedAt   *moment           `json:"updated_at"`
	EditedAt    *moment           `json:"message_text_updated_at"`
	PinnedAt    *moment           `json:"pinned_at"`
	Pinned      bool              `json:"pinned"`
	DeletedAt   *moment           `json:"deleted_at"`
	Visibility  []string          `json:"restricted_visibility"`
	Shadowed    bool              `json:"shadowed"`

	reactedAt time.Time // of the reaction in the same answer; zero for none
}

// whole reports whether an answer has what identifies a row and its place in a list. Without that, a
// row would be taken for another one, or the list for shorter than it is.
func (w wireChannel) whole() bool {
	return w.ID != "" && w.CID == w.Type+":"+w.ID && w.CreatedAt.UnixMicro() > 0
}
func (w wireMessage) whole() bool { return w.ID != "" && w.CreatedAt.UnixMicro() > 0 }
func (w wireUser) whole() bool    { return w.ID != "" && w.CreatedAt.UnixMicro() > 0 }
func (w wireMember) whole() bool  { return w.id() != "" }

func allWhole[T interface{ whole() bool }](rows []T) bool {
	return !slices.ContainsFunc(rows, func(row T) bool { return !row.whole() })
}

// The types of messages that Stream returns instead of posting the given one.
const (
	errorType     = "error"     // a hook, a frozen channel or a command refused it
	ephemeralType = "ephemeral" // it is only for the sender, and isn't stored
	deletedType   = "deleted"
)

func (w wireMessage) deletedAt() time.Time {
	if w.Type == deletedType && w.DeletedAt == nil {
		return w.CreatedAt.Time
	}
	return orZero(w.DeletedAt)
}

func (w wireMessage) isDeleted() bool { return !w.deletedAt().IsZero() }

func (w wireMessage) mentioned() []string {
	ids := make([]string, len(w.Mentioned))
	for i, u := range w.Mentioned {
		ids[i] = u.ID
	}
	return ids
}

// refusal returns an error if Stream answered with success but didn't post the message for the
// channel's readers, otherwise nil.
func (w wireMessage) refusal(field string) error {
	switch w.Type {
	case errorType, ephemeralType:
		return chat.Invalid(field, "Stream didn't post the message: %s", cmp.Or(shortened(w.Text), "it doesn't say why."))
	}
	return nil
}

// user converts a user. A role that isn't one of ours becomes that of a plain user.
func (p *Provider) user(w wireUser) chat.User {
	u := chat.User{ID: w.ID, Name: w.Name, Role: chat.RoleUser, CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time}
	for role, name := range p.roles {
		if name == w.Role {
			u.Role = role
		}
	}
	return u
}

// listedUser converts a user with the ban, which only the back office may see.
func (p *Provider) listedUser(w wireUser) chat.User {
	u := p.user(w)
	if w.Banned {
		u.Ban = &chat.Restriction{Kind: chat.Ban, UserID: w.ID, Until: orZero(w.BanEnds)}
	}
	return u
}

// seenBy returns the parts of a message that decide who may see it.
func (w wireMessage) seenBy() chat.Message {
	return chat.Message{Sender: chat.User{ID: w.User.ID}, Restricted: len(w.Visibility) > 0, Shadowed: w.Shadowed}
}

// message converts a message of a channel, except for its seq.
func (p *Provider) message(cid chat.CID, w wireMessage) chat.Message {
	m := w.seenBy()
	m.ID, m.CID, m.Sender, m.CreatedAt, m.DeletedAt = w.ID, cid, p.user(w.User), w.CreatedAt.Time, w.deletedAt()
	if !m.DeletedAt.IsZero() {
		return m
	}
	m.Text, m.Attachments, m.EditedAt = w.Text, w.Attachments, orZero(w.EditedAt)
	if w.Pinned {
		m.PinnedAt = orZero(w.PinnedAt)
	}
	for _, u := range w.Mentioned {
		m.Mentions = append(m.Mentions, p.user(u))
	}
	for word, n := range w.Reactions {
		if n > 0 {
			if m.Reactions == nil {
				m.Reactions = map[string]chat.ReactionGroup{}
			}
			m.Reactions[word] = chat.ReactionGroup{Count: int64(n)}
		}
	}
	return m
}

// unique returns the ids, sorted and without repeats.
func unique(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}
