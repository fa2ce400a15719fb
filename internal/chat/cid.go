package chat

import (
	"strings"
)

// ChannelType is the name of a channel type, in lower case.
type ChannelType string

// The built-in channel types.
const (
	Livestream ChannelType = "livestream"
	Messaging  ChannelType = "messaging"
	Team       ChannelType = "team"
	Gaming     ChannelType = "gaming"
	Commerce   ChannelType = "commerce"
)

// Known reports whether t is one of the built-in types.
func (t ChannelType) Known() bool {
	switch t {
	case Livestream, Messaging, Team, Gaming, Commerce:
		return true
	}
	return false
}

// MaxChannelIDLength is the maximum length of a channel id, in characters.
const MaxChannelIDLength = 64

// CID identifies a channel among all channels: its type and its id within that
// type. Its text form is "type:id".
type CID struct {
	Type ChannelType
	ID   string
}

// String returns the text form, e.g. "livestream:announcements".
func (c CID) String() string { return string(c.Type) + ":" + c.ID }

// ParseCID parses the text form of a cid with a built-in type. Its error explains the form of a
// cid; the caller sets the field.
func ParseCID(s string) (CID, *Error) {
	cid, bad := ParseAnyCID(s)
	if kind, _, _ := strings.Cut(s, ":"); !ChannelType(kind).Known() {
		return CID{}, badCID()
	}
	return cid, bad
}

// ParseAnyCID parses the text form of a cid, which may have a custom type. [Provider.KnowsType]
// reports whether the type exists.
func ParseAnyCID(s string) (CID, *Error) {
	kind, id, found := strings.Cut(s, ":")
	cid := CID{Type: ChannelType(kind), ID: id}
	if !found || CheckTypeName(cid.Type) != nil {
		return CID{}, badCID()
	}
	if err := CheckChannelID(id); err != nil {
		return CID{}, err
	}
	return cid, nil
}

func badCID() *Error {
	return Invalid("", "A cid is type:id with the type livestream, messaging, team, gaming or commerce, e.g. livestream:announcements.")
}

// CheckChannelID returns an error if a channel id isn't valid.
func CheckChannelID(id string) *Error {
	if !MadeOf(id, MaxChannelIDLength, "_-!") {
		return Invalid("", "A channel id is 1 to 64 characters of A-Z a-z 0-9 _ - !.")
	}
	return nil
}

// MadeOf reports whether s has 1 to limit characters, all of them ASCII letters,
// digits or one of the extra ones.
func MadeOf(s string, limit int, extra string) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	return true
}
