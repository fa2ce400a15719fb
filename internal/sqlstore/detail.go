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
	if custom, ok := v.(map[string]any); ok {
		v = canonical(custom)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding an object: %w", err)
	}
	if bytes.Equal(text, []byte("null")) {
		return "{}", nil
	}
	return string(text), nil
}

// canonical writes the numbers in a JSON value in one way, so that lists that are
// alike are so as texts too. Whole numbers keep all their digits.
func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = canonical(item)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, item := range v {
			m[key] = canonical(item)
		}
		if len(m) > 0 {
			return m
		}
	}
	return v
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
