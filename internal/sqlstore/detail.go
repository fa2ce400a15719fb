package sqlstore

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ToObject returns a JSON object in the form that the database stores.
func ToObject(v any) (string, error) {
	if custom, ok := v.(map[string]any); ok {
		v = Canonical(custom)
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

// Canonical normalizes the numbers in a JSON value, so that equal lists are equal texts. Integers
// keep all their digits.
func Canonical(v any) any {
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
			list[i] = Canonical(item)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, item := range v {
			m[key] = Canonical(item)
		}
		if len(m) > 0 {
			return m
		}
	}
	return v
}

// FromObject parses the result of ToObject. Numbers keep their digits.
func FromObject(text string, v any) error {
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
