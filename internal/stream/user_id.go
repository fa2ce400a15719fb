package stream

import (
	"encoding/base32"
	"strings"

	"backchannel/internal/chat"
)

// Stream takes fewer characters in a user's id than we do. An id with any other character,
// or one that is itself a valid escape, is stored there as x- and the lower-case base32 of
// the id. Every other id is the same in both, so that users of Stream's own apps keep
// theirs, even x-men.

const escapePrefix = "x-"

var escapeCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// StreamID is what Stream knows a user by.
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

// OurID is what a user is known by here.
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

// unescaped is the id that an escape stands for; false if it is none.
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

// knownToStream reports whether an id has Stream's characters only. Upper case is
// passed on, since users may exist under such ids.
func knownToStream(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '@' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// possible reports whether somebody can have this id at Stream.
func possible(id string) bool {
	return chat.CheckUserID(id) == nil && len(StreamID(id)) <= chat.MaxUserIDLength
}

// checkUserIDs refuses ids that are too long once they are escaped. Ids that no user can
// have are refused elsewhere.
func checkUserIDs(field string, ids ...string) error {
	for _, id := range ids {
		if chat.CheckUserID(id) == nil && !possible(id) {
			return chat.Invalid(field, "The user id %q is too long for Stream, which knows it by %d characters; at most %d are allowed.",
				id, len(StreamID(id)), chat.MaxUserIDLength)
		}
	}
	return nil
}
