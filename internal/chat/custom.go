package chat

import "encoding/json"

// MaxCustomBytes is how much data of their own callers may add to a channel, user,
// member or message, as JSON.
const MaxCustomBytes = 5 << 10

// CheckCustom says what is wrong with callers' own data, or nil.
func CheckCustom(custom map[string]any) error {
	if len(custom) == 0 {
		return nil
	}
	text, err := json.Marshal(custom)
	if err != nil {
		return Invalid("custom", "The custom data can't be encoded as JSON.")
	}
	if len(text) > MaxCustomBytes {
		return Invalid("custom", "The custom data takes %d bytes; at most %d are allowed.", len(text), MaxCustomBytes)
	}
	if jsonHasNUL(custom) {
		return Invalid("custom", "The custom data must not contain the NUL character.")
	}
	return nil
}

// jsonHasNUL finds NUL in a JSON value's texts and keys.
func jsonHasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return hasNUL(v)
	case []any:
		for _, item := range v {
			if jsonHasNUL(item) {
				return true
			}
		}
	case map[string]any:
		for key, item := range v {
			if hasNUL(key) || jsonHasNUL(item) {
				return true
			}
		}
	}
	return false
}
