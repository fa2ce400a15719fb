package chat

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"backchannel/internal/fold"
)

// Limits on block lists.
const (
	MaxBlocklists    = 15
	MaxBlockedWords  = 10_000
	MaxBlockedLength = 40 // characters of a word
)

// Blocklist is a list of words that messages must not contain. The JSON names are those of the
// database and of Stream's API.
type Blocklist struct {
	Name  string   `json:"name"`
	Words []string `json:"words"` // in lower case; an entry may be several words separated by spaces

	CreatedAt time.Time `json:"-"`
	UpdatedAt time.Time `json:"-"`

	single  map[string]bool
	several []string
}

// Words are the words of a text: the parts between white space and hyphens, in lower case, without
// leading and trailing characters that aren't letters or digits.
type Words struct {
	list []string
	line string // all words, with a space before and after each
}

// WordsOf splits a text into words.
func WordsOf(text string) Words {
	list := FoldedWords(text)
	return Words{list, " " + strings.Join(list, " ") + " "}
}

// Indexed returns the list prepared for [Blocklist.Hit].
func (b Blocklist) Indexed() Blocklist {
	b.single, b.several = make(map[string]bool, len(b.Words)), nil
	for _, blocked := range b.Words {
		if list := FoldedWords(blocked); len(list) == 1 {
			b.single[list[0]] = true
		} else {
			b.several = append(b.several, " "+strings.Join(list, " ")+" ")
		}
	}
	return b
}

// Hit reports whether a text contains a word of the list, which must be indexed.
func (b Blocklist) Hit(text Words) bool {
	return slices.ContainsFunc(text.list, func(word string) bool { return b.single[word] }) ||
		slices.ContainsFunc(b.several, func(some string) bool { return strings.Contains(text.line, some) })
}

// FoldedWords returns the words of a text, in the form of Words.
func FoldedWords(text string) []string {
	list := strings.FieldsFunc(fold.Text(text), func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	for i, word := range list {
		list[i] = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	}
	return slices.DeleteFunc(list, func(word string) bool { return word == "" })
}

// Blocking returns the block lists that refuse messages containing their words.
func (s TypeSettings) Blocking() []string {
	return s.BlocklistsThat(func(behavior string) bool { return behavior == "block" })
}

// BlocklistsThat returns the block lists whose behavior satisfies wanted.
func (s TypeSettings) BlocklistsThat(wanted func(behavior string) bool) []string {
	var names []string
	if s.Blocklist != "" && wanted(s.BlocklistBehavior) {
		names = append(names, s.Blocklist)
	}
	for _, use := range s.Blocklists {
		if wanted(use.Behavior) {
			names = append(names, use.Blocklist)
		}
	}
	return names
}
