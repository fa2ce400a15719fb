package stream

import (
	"encoding/base32"
	"strings"

	"backchannel/internal/chat"
)

// Stream accepts fewer characters in user ids than we do. An id with any other character, or one
// that is itself a valid escape, is stored there as x- followed by the id in lower-case base32. All
// other ids are the same in both, so that users of Stream's own apps keep theirs, even x-men.

const escapePrefix = "x-"

var escapeCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// StreamID returns the id by which Stream knows a user.
func StreamID(id string) string { //nolint:revive // beside OurID
	if !needsEscape(id) {
		return id
	}
	return escapePrefix + escapeCoding.EncodeToString([]byte(id))
}

func streamIDs(ids []string) []string {
	escaped := make([]string, len(ids))
	for i, id := range ids {
		escaped[i] = StreamID(id)
	}
	return escaped
}

// OurID returns the id by which a user is known here.
func OurID(id string) string {
	if plain, ok := unescaped(id); ok {
		return plain
	}
	return id
}

func needsEscape(id string) bool {
	if !knownToStream(id) {
		return true
	}
	_, escape := unescaped(id)
	return escape
}

// unescaped decodes an escaped id; false if it isn't one.
func unescaped(id string) (string, bool) {
	rest, ok := strings.CutPrefix(id, escapePrefix)
	if !ok {
		return "", false
	}
	decoded, err := escapeCoding.DecodeString(rest)
	plain := string(decoded)
	if err != nil || chat.CheckUserID(plain) != nil || !needsEscape(plain) || escapeCoding.EncodeToString(decoded) != rest {
		return "", false
	}
	return plain, true
}

// knownToStream reports whether an id has only characters that Stream accepts. Upper case is passed
// on, since users with such ids may exist.
func knownToStream(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '@' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// possible reports whether an id can exist at Stream.
func possible(id string) bool {
	return chat.CheckUserID(id) == nil && len(StreamID(id)) <= chat.MaxUserIDLength
}

// checkUserIDs refuses ids that are too long after escaping. Invalid ids are refused elsewhere.
func checkUserIDs(field string, ids ...string) error {
	for _, id := range ids {
		if chat.CheckUserID(id) == nil && !possible(id) {
			return chat.Invalid(field, "The user id %q is too long for Stream, which knows it by %d characters; at most %d are allowed.",
				id, len(StreamID(id)), chat.MaxUserIDLength)
		}
	}
	return nil
}
