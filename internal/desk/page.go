package desk

import (
	"strconv"

	"backchannel/internal/chat"
)

// Sizes of pages.
const (
	DefaultPage = 50
	MaxPage     = 200
	maxSearch   = 255 // characters

	// MaxChannelPage is larger, so that a back office can get all its channels in one answer.
	MaxChannelPage = 10_000
)

func pageSize(field string, n *int, most int) (int, error) {
	if n == nil {
		return DefaultPage, nil
	}
	if *n < 1 || *n > most {
		return 0, chat.Invalid(field, "Ask for 1 to %d at once.", most)
	}
	return *n, nil
}

// position parses the cursor after which a page starts; nil is the start of the list.
func position[T any](cursor *string, parse func(string) (T, *chat.Error)) (place T, err error) {
	if cursor == nil {
		return place, nil
	}
	place, bad := parse(*cursor)
	return place, inField("after", bad)
}

func checkSearch(s string) error {
	return inField("search", chat.CheckSearch(s, maxSearch))
}

func index(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
