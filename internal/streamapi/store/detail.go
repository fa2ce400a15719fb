package store

import (
	"context"
	"database/sql"
)

// ask runs a reading statement whose text depends on what was asked, and which is
// therefore not kept prepared.
func (s *Store) ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.Reading(ctx, func(db *sql.DB) (*sql.Rows, error) { return db.QueryContext(ctx, text, args...) })
}
