// Package fold converts names and texts to the forms that are used to compare them: one for
// searching and one for sorting. All APIs, both databases and the console use these forms, so that
// all find and order alike.
package fold

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"        // full case folding, which the standard library lacks; BSD-3, by the Go team
	"golang.org/x/text/unicode/norm" // compatibility decomposition, likewise
)

// Text returns s without differences of case, of compatibility forms (NFKD) and of the marks of
// Latin, Greek, Cyrillic, Hebrew and Arabic. Marks of other scripts are letters and are kept. A
// text matches a search if its form contains the form of the search. Text is idempotent.
func Text(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = cases.Fold().String(withoutMarks(norm.NFKD.String(s)))
	return strings.Map(cherokee, withoutMarks(norm.NFKD.String(s)))
}

// Key returns the form by which names are sorted bytewise: [Text] in which each run of ASCII digits
// is ordered by its value, so that "Channel 2" comes before "Channel 10". Digits sort before
// letters.
func Key(s string) string {
	s = Text(s)
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	key := make([]byte, 0, len(s)+8) // usually one extra byte for each number
	for s != "" {
		end := 0
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if end == 0 {
			key, s = append(key, s[0]), s[1:]
			continue
		}
		key, s = appendNumber(key, s[:end]), s[end:]
	}
	return string(key)
}

// shortNumber is the maximum number of digits whose count is encoded in one digit.
const shortNumber = 8

// appendNumber appends the number of digits, then the digits, since a number with fewer digits is
// smaller.
func appendNumber(key []byte, digits string) []byte {
	digits = strings.TrimLeft(digits, "0")
	if n := len(digits); n <= shortNumber {
		key = append(key, '0'+byte(n))
	} else {
		key = fmt.Appendf(key, "9%09d", n)
	}
	return append(key, digits...)
}

func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, s)
}

// isMark reports whether a character is a mark of Latin, Greek, Cyrillic, Hebrew or Arabic.
func isMark(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r <= 0x36F, r >= 0x591 && r <= 0x5C7, r >= 0x64B && r <= 0x65F, r == 0x670:
		return true
	}
	return false
}

// cherokee folds Cherokee letters to upper case, as Unicode does. The library changes each letter
// to the other case.
func cherokee(r rune) rune {
	switch {
	case r >= 0x13F8 && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	case r >= 0xAB70 && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	}
	return r
}

func isDigit(r byte) bool { return r >= '0' && r <= '9' }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
