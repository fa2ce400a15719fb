package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// longerThan counts Unicode code points, and looks at no more of s than it must.
func longerThan(s string, limit int) bool {
	return len(s) > limit && utf8.RuneCountInString(s) > limit
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// hasNUL finds the one character that PostgreSQL can't keep in a text.
func hasNUL(s string) bool { return strings.IndexByte(s, 0) >= 0 }

// CheckSearch says what is wrong with a search of at most limit characters, or nil.
func CheckSearch(s string, limit int) *Error {
	if longerThan(s, limit) || hasNUL(s) {
		return Invalid("", "A search is at most %d characters long, without NUL.", limit)
	}
	return nil
}
