package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// ask runs a reading statement whose text depends on what was asked, and which is
// therefore not kept prepared.
func (s *Store) ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	for tries := 0; ; tries++ {
		rows, err := s.read.QueryContext(ctx, text, args...)
		if err == nil || tries > maxIdle || ctx.Err() != nil || !away(err) {
			return rows, err
		}
	}
}

// toObject is a JSON object as the database keeps it.
func toObject(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding an object: %w", err)
	}
	if bytes.Equal(text, []byte("null")) {
		return "{}", nil
	}
	return string(text), nil
}

// fromObject reads what toObject made. Numbers keep their digits.
func fromObject(text string, v any) error {
	if text == "" || text == "{}" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("reading an object: %w", err)
	}
	return nil
}
