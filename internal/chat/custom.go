package chat

import (
	"encoding/json"
	"math"
	"strings"
)

// MaxCustomBytes is how much data of their own callers may add to a channel, user,
// member or message, as JSON.
const MaxCustomBytes = 5 << 10

// MaxCustomDepth is how deep lists and objects lie within each other there.
const MaxCustomDepth = 32

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
	return checkJSON(custom, MaxCustomDepth)
}

// checkJSON finds in a JSON value what not every database can keep or compare.
func checkJSON(v any, depth int) error {
	if depth < 0 {
		return Invalid("custom", "The custom data has more than %d lists and objects within each other.", MaxCustomDepth)
	}
	switch v := v.(type) {
	case string:
		if hasNUL(v) {
			return Invalid("custom", "The custom data must not contain the NUL character.")
		}
	case json.Number:
		if !common(v) {
			return Invalid("custom", "The custom data has a number beyond those of 64 bits.")
		}
	case []any:
		for _, item := range v {
			if err := checkJSON(item, depth-1); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, item := range v {
			if err := checkJSON(key, depth); err != nil {
				return err
			}
			if err := checkJSON(item, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

// common reports whether a number is a floating-point number of 64 bits, or nearly:
// not one so great or so small that none is near.
func common(n json.Number) bool {
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) {
		return false
	}
	digits, _, _ := strings.Cut(strings.ToLower(n.String()), "e")
	return f != 0 || strings.Trim(digits, "-.0") == ""
}
