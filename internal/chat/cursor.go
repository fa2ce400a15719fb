package chat

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Cursors are opaque to callers: a letter for the kind of item, then the sort keys of one
// row, in base64.
const (
	channelCursor  = "c"
	messageCursor  = "m"
	userCursor     = "u"
	memberCursor   = "p"
	changeCursor   = "h"
	binCursor      = "b"
	jobCursor      = "j"
	rowCursor      = "r"
	deliveryCursor = "d"

	maxCursorLength = 4_096
)

// Position is a place in a list by name: after, or before, the row with this folded name
// and id. The zero Position is the start.
type Position struct {
	NameKey string
	ID      string // a cid or a user id
}

// ParseChannelCursor parses a cursor returned by [Channel.Cursor].
func ParseChannelCursor(cursor string) (Position, *Error) {
	return parsePosition(channelCursor, cursor)
}

// ParseUserCursor parses a cursor returned by [User.Cursor].
func ParseUserCursor(cursor string) (Position, *Error) { return parsePosition(userCursor, cursor) }

// ParseMessageCursor parses a cursor returned by [Message.Cursor] and returns the message's seq.
func ParseMessageCursor(cursor string) (int64, *Error) { return parseSeq(messageCursor, cursor) }

// ParseChangeCursor parses a cursor returned by [Change.Cursor] and returns the change's seq.
func ParseChangeCursor(cursor string) (int64, *Error) { return parseSeq(changeCursor, cursor) }

func parseSeq(kind, cursor string) (int64, *Error) {
	parts := decodeCursor(kind, cursor)
	if len(parts) == 1 {
		if seq, err := strconv.ParseInt(parts[0], 10, 64); err == nil && seq > 0 && itoa(seq) == parts[0] {
			return seq, nil
		}
	}
	return 0, badCursor()
}

// ParseMemberCursor parses a cursor returned by [Member.Cursor] and returns the member's user id.
func ParseMemberCursor(cursor string) (string, *Error) {
	parts := decodeCursor(memberCursor, cursor)
	if len(parts) != 1 || parts[0] == "" {
		return "", badCursor()
	}
	return parts[0], nil
}

func parsePosition(kind, cursor string) (Position, *Error) {
	parts := decodeCursor(kind, cursor)
	if len(parts) != 2 || parts[1] == "" {
		return Position{}, badCursor()
	}
	return Position{NameKey: parts[0], ID: parts[1]}, nil
}

func badCursor() *Error {
	return Invalid("", "Give a cursor as pageInfo or an edge of the same query returned it.")
}

// Names, ids and numbers can't contain the unit separator.
const cursorSeparator = "\x1f"

func encodeCursor(kind string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + cursorSeparator + strings.Join(parts, cursorSeparator)))
}

func decodeCursor(kind, cursor string) []string {
	if len(cursor) > maxCursorLength {
		return nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(raw) || HasNUL(string(raw)) {
		return nil
	}
	parts := strings.Split(string(raw), cursorSeparator)
	if parts[0] != kind {
		return nil
	}
	return parts[1:]
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
