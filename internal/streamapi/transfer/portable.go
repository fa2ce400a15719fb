package transfer

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"backchannel/internal/stream"
)

// What a transfer carries of each noun, in the form in which it is written: the
// fields that are the same wherever the noun is. Two sides agree on a noun when
// these do.

// portableUser leaves out what was done to a user, deactivation aside.
func portableUser(r raw, times bool) object {
	o := pick(r, "id", "name", "image", "role", "language", "teams", "teams_role", "invisible", "privacy_settings", "custom")
	return withTime(o, r, times)
}

func portableChannel(r raw, times bool) object {
	o := pick(r, "team", "filter_tags", "custom")
	if by, ok := r.object["created_by"].(map[string]any); ok {
		o["created_by_id"] = by["id"]
	}
	return withTime(o, r, times)
}

// closing is what would keep messages from being written, and is set after them.
func closing(r raw) object {
	o := pick(r, "frozen", "disabled", "cooldown")
	for field, none := range map[string]any{"frozen": false, "disabled": false} {
		if o[field] == nil {
			o[field] = none
		}
	}
	return o
}

func portableMember(r raw) object { return pick(r, "user_id", "channel_role", "custom") }

func portableMessage(r raw, times bool) object {
	o := pick(r, "id", "text", "attachments", "parent_id", "show_in_channel", "quoted_message_id", "silent", "custom")
	if quoted, ok := r.object["quoted_message"].(object); ok && restricted(quoted) {
		delete(o, "quoted_message_id")
	}
	if r.id("type") == "system" {
		o["type"] = "system"
	}
	if u, ok := r.object["user"].(map[string]any); ok {
		o["user_id"] = u["id"]
	}
	if ids := idsOf(r.object["mentioned_users"]); len(ids) > 0 {
		o["mentioned_users"] = ids
	}
	if r.object["pinned"] == true {
		o["pinned"] = true
		if end := timeOf(r.object["pin_expires"]); !end.IsZero() {
			o["pin_expires"] = stream.Stamp(end)
		}
	}
	return withTime(o, r, times)
}

func portableReaction(r raw) object {
	o := pick(r, "type", "score", "custom", "user_id")
	if u, ok := r.object["user"].(map[string]any); ok && o["user_id"] == nil {
		o["user_id"] = u["id"]
	}
	return o
}

// illFormed is a key of portable nouns that can't be written as they are. It names the field.
const illFormed = ""

// pick takes those of the fields that say something.
func pick(r raw, fields ...string) object {
	o := object{}
	for _, field := range fields {
		if slices.Contains(r.illFormed, field) {
			o[illFormed] = field
		}
		if v := r.object[field]; !empty(v) {
			o[field] = v
		}
	}
	return o
}

// empty reports whether a value is as good as none.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case json.Number:
		return v == "0"
	}
	return false
}

// withTime adds when it was made, as exact as our own database keeps it.
func withTime(o object, r raw, times bool) object {
	if times {
		o["created_at"] = stream.Stamp(r.createdAt.Truncate(time.Microsecond))
	}
	return o
}

func idsOf(v any) (ids []string) {
	list, _ := v.([]any)
	for _, one := range list {
		if u, ok := one.(map[string]any); ok {
			if id, ok := u["id"].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// sum is the hash of a portable noun.
func sum(o object) string {
	text, _ := json.Marshal(o) // it was JSON; keys are sorted
	h := sha256.Sum256(text)
	return string(h[:])
}

// total is the hash of nouns in any order.
func total(sums []string) string {
	slices.Sort(sums)
	h := sha256.Sum256([]byte(strings.Join(sums, "")))
	return string(h[:])
}
