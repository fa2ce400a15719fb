package engine

import (
	"slices"

	"backchannel/internal/chat"
)

// forward returns a page of rows that are in the order of the list. Rows has one more than limit if
// there are more.
func forward[T any](rows []T, limit int, fromSomewhere bool) chat.Page[T] {
	more := len(rows) > limit
	return chat.Page[T]{Items: rows[:min(len(rows), limit)], HasNext: more, HasPrevious: fromSomewhere}
}

// backward returns a page of rows that are in reverse order.
func backward[T any](rows []T, limit int, fromSomewhere bool) chat.Page[T] {
	p := forward(rows, limit, fromSomewhere)
	slices.Reverse(p.Items)
	p.HasNext, p.HasPrevious = p.HasPrevious, p.HasNext
	return p
}
