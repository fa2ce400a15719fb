package chat

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reasons for refusing a name, an id or a role. The rows of an imported file of users show these
// values, so they must not change; docs/api.md lists them.
const (
	NameEmpty      Reason = "NAME_EMPTY"
	NameTooLong    Reason = "NAME_TOO_LONG"
	NameControl    Reason = "NAME_CONTROL"    // control characters, including line ends
	NameMisleading Reason = "NAME_MISLEADING" // characters that change the direction of the text or end the line
	NameBroken     Reason = "NAME_BROKEN"     // not well-formed Unicode
	NameInvisible  Reason = "NAME_INVISIBLE"  // no visible characters
	NoUserID       Reason = "NO_ID"
	UserIDTooLong  Reason = "ID_TOO_LONG"
	BadUserID      Reason = "BAD_ID"
	BadRole        Reason = "BAD_ROLE"
)

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// LongerThan reports whether s has more than limit code points. It reads no more of s than
// necessary.
func LongerThan(s string, limit int) bool {
	return len(s) > limit && utf8.RuneCountInString(s) > limit
}

// HasControl reports whether a text contains a control character.
func HasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// visible reports whether a text contains a visible character: one other than spaces, controls,
// format and combining characters, and fillers, which look like spaces.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		const brailleBlank, objectReplacement = 0x2800, 0xfffc
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsMark(r) &&
			!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !isNoncharacter(r) && r != brailleBlank && r != objectReplacement
	})
}

// misleads reports whether names must not contain a character, which isn't a control: it ends the
// line, reverses adjacent text, or isn't a valid character.
func misleads(r rune) bool {
	const lineSeparator, paragraphSeparator = 0x2028, 0x2029
	const leftOverride, rightOverride = 0x202d, 0x202e // Arabic names need marks, embeddings and isolates
	return r == lineSeparator || r == paragraphSeparator || r == leftOverride || r == rightOverride || isNoncharacter(r)
}

func isNoncharacter(r rune) bool { return r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe }

// WellFormed reports whether a text is valid UTF-8 and, if it is JSON or GraphQL, has no escaped
// lone surrogates. Decoders replace both with another character.
func WellFormed(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 || at+1 == len(text) {
			return true
		}
		if text = text[at:]; text[1] != 'u' {
			text = text[2:]
			continue
		}
		high, ok := escaped(text)
		low, pair := escaped(text[min(6, len(text)):])
		switch {
		case !ok || high < 0xd800 || high > 0xdfff:
			text = text[2:]
		case high < 0xdc00 && pair && low >= 0xdc00 && low <= 0xdfff:
			text = text[12:]
		default:
			return false
		}
	}
}

// escaped decodes the escape at the start of a text, such as \u00e9.
func escaped(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

// HasNUL reports whether a text contains NUL, the only character that PostgreSQL can't store.
func HasNUL(s string) bool { return strings.IndexByte(s, 0) >= 0 }

// CheckSearch returns an error if a search text isn't valid or has more than limit characters.
func CheckSearch(s string, limit int) *Error {
	if LongerThan(s, limit) || HasNUL(s) {
		return Invalid("", "A search is at most %d characters long, without NUL.", limit)
	}
	return nil
}
