package transfer

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"backchannel/internal/stream"
)

// The portable form of an entity has the fields that a transfer copies, in the form of writes. They
// have the same values on every server: two servers agree on an entity if these fields are equal.

// portableUser excludes bans, deactivation and other things done to a user. Deactivation is copied
// and compared separately.
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

// closing returns the settings that would refuse messages. They are set after the messages were
// written.
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

// illFormed is a key that marks portable entities that can't be written unchanged. Its value is the
// name of the field.
const illFormed = ""

// pick returns those of the fields that aren't empty.
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

// empty reports whether a value is equivalent to none.
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

// withTime adds the creation time, with the precision of our own database.
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

// sum returns the hash of a portable entity.
func sum(o object) string {
	text, _ := json.Marshal(o) // it was decoded from JSON; keys are sorted
	h := sha256.Sum256(text)
	return string(h[:])
}

// total returns the hash of entities, independent of their order.
func total(sums []string) string {
	slices.Sort(sums)
	h := sha256.Sum256([]byte(strings.Join(sums, "")))
	return string(h[:])
}
