package engine

import (
	"slices"

	"backchannel/internal/chat"
)

// forward makes a page of rows in the order of the list. One more than the limit was asked
// for.
func forward[T any](rows []T, limit int, fromSomewhere bool) chat.Page[T] {
	more := len(rows) > limit
	return chat.Page[T]{Items: rows[:min(len(rows), limit)], HasNext: more, HasPrevious: fromSomewhere}
}

// backward makes a page of rows in the opposite order.
func backward[T any](rows []T, limit int, fromSomewhere bool) chat.Page[T] {
	p := forward(rows, limit, fromSomewhere)
	slices.Reverse(p.Items)
	p.HasNext, p.HasPrevious = p.HasPrevious, p.HasNext
	return p
}
