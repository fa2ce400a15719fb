package chat

import (
	"encoding/json"
	"math"
	"strings"
)

// MaxCustomBytes is the maximum size of the custom data of a channel, user, member or message, in
// bytes of JSON.
const MaxCustomBytes = 5 << 10

// MaxCustomDepth is the maximum nesting depth of lists and objects in custom data.
const MaxCustomDepth = 32

// CheckCustom returns an error if custom data isn't valid.
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

// checkJSON finds JSON values that one of the databases can't store or compare.
func checkJSON(v any, depth int) error {
	if depth < 0 {
		return Invalid("custom", "The custom data has more than %d lists and objects within each other.", MaxCustomDepth)
	}
	switch v := v.(type) {
	case string:
		if HasNUL(v) {
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

// common reports whether a number can be approximated by a 64-bit floating-point number: it is
// neither too large nor too small.
func common(n json.Number) bool {
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) {
		return false
	}
	digits, _, _ := strings.Cut(strings.ToLower(n.String()), "e")
	return f != 0 || strings.Trim(digits, "-.0") == ""
}
