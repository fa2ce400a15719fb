package store

import (
	"context"
	"database/sql"

	"backchannel/internal/chat"
)

// Search selects a part of the matching items.
type Search struct {
	Filter Filter
	Sort   []Sort
	Limit  int // at least 1
	Offset int
}

// Sort orders a list by one field.
type Sort struct {
	Field string
	Down  bool // descending
}

// rest returns the clauses after the tables of every search: the given condition and the filter,
// the order and the limits.
func (l *statement) rest(condition string, q Search) (string, *chat.Error) {
	where, refused := l.where(q.Filter)
	if refused != nil {
		return "", refused
	}
	order, refused := l.order(q.Sort)
	if refused != nil {
		return "", refused
	}
	if condition != "" {
		where = condition + " AND " + where
	}
	return ` WHERE ` + where + ` ORDER BY ` + order + ` LIMIT ` + l.bind(q.Limit) + ` OFFSET ` + l.bind(q.Offset), nil
}

// ask runs a query whose text depends on the request, so it isn't kept prepared.
func (s *Store) ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.Reading(ctx, func(db *sql.DB) (*sql.Rows, error) { return db.QueryContext(ctx, text, args...) })
}
