package store

import (
	"encoding/json"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

func text(f Filter, v any) (any, *chat.Error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return nil, wrongValue(f, "a text")
}

func number(f Filter, v any) (any, *chat.Error) {
	if n, ok := v.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			return whole, nil
		}
	}
	return nil, wrongValue(f, "a whole number")
}

// micro parses a time, given as text (RFC 3339) or, as in answers, in nanoseconds.
func micro(f Filter, v any) (any, *chat.Error) {
	switch v := v.(type) {
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return sqlstore.Micros(t), nil
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n / 1000, nil
		}
	}
	return nil, wrongValue(f, "a time such as 2026-01-31T12:00:00Z")
}

func wrongValue(f Filter, want string) *chat.Error {
	return chat.Invalid(f.Field, "%s of %q takes %s.", f.Op, f.Field, want)
}

func wrongOperator(f Filter) *chat.Error {
	return chat.Invalid(f.Field, "%s can't be asked of %q.", f.Op, f.Field)
}
