package streamapi_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestMessagesOfRestrictedVisibility(t *testing.T) { onBoth(t, messagesOfRestrictedVisibility) }

func messagesOfRestrictedVisibility(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob", "carol", "dave")
	for _, m := range []object{
		{"id": "all", "text": "all", "user_id": "alice"},
		{"id": "few", "text": "few", "user_id": "alice", "restricted_visibility": []string{"carol", "bob"}},
		{"id": "reply", "text": "reply", "user_id": "bob", "parent_id": "all", "restricted_visibility": []string{"carol"}},
	} {
		c.send(room, m)
	}
	if got := fmt.Sprint(c.message("few")["restricted_visibility"]); got != "[carol bob]" {
		t.Errorf("it is for %s", got)
	}
	if got := fmt.Sprint(c.message("all")["restricted_visibility"]); got != "[]" {
		t.Errorf("what is for all is for %s", got)
	}
	if got := at(t, c.message("all"), "reply_count"); got != 0.0 {
		t.Errorf("everybody is told of %v replies", got)
	}
	for viewer, want := range map[string]struct {
		sees   string
		unread float64
	}{"": {"all few", -1}, "alice": {"all few", 0}, "bob": {"all few", 2}, "carol": {"all few", 2}, "dave": {"all", 1}} {
		for _, query := range []object{{"user_id": viewer}, {"user_id": viewer, "messages": object{"limit": 10}}} {
			state := c.ok("POST", room+"/query", query)
			if got := texts(t, state["messages"]); got != want.sees {
				t.Errorf("%q sees %q, want %q", viewer, got, want.sees)
			}
			for _, one := range state["read"].([]any) {
				if at(t, one, "user", "id") == viewer && at(t, one, "unread_messages") != want.unread {
					t.Errorf("%q has %v unread, want %v", viewer, at(t, one, "unread_messages"), want.unread)
				}
			}
		}
		if viewer == "" {
			continue
		}
		if got := c.ok("GET", "/api/v2/chat/unread?user_id="+viewer, nil)["total_unread_count"]; got != want.unread {
			t.Errorf("%s has %v unread messages, want %v", viewer, got, want.unread)
		}
		found := c.ok("POST", "/api/v2/chat/channels", object{"user_id": viewer, "filter_conditions": object{"unread_count": object{"$gte": 2}}})
		if got := len(found["channels"].([]any)); got == 1 != (want.unread == 2) {
			t.Errorf("%s finds %d channels with two unread messages", viewer, got)
		}
	}
	message := func(fields ...any) object {
		m := object{"text": "x", "user_id": "alice", "restricted_visibility": []string{"bob"}}
		for i := 0; i < len(fields); i += 2 {
			m[fields[i].(string)] = fields[i+1]
		}
		return object{"message": m}
	}
	many := strings.Split(strings.Repeat("bob ", 101), " ")
	for name, row := range map[string]struct {
		method, path string
		body         object
	}{
		"a pinned one":                   {"POST", room + "/message", message("pinned", true)},
		"for nobody's id":                {"POST", room + "/message", message("restricted_visibility", []string{"nobody"})},
		"for what can't be an id":        {"POST", room + "/message", message("restricted_visibility", []string{"a,b"})},
		"for one twice":                  {"POST", room + "/message", message("restricted_visibility", []string{"bob", "bob"})},
		"for too many":                   {"POST", room + "/message", message("restricted_visibility", many)},
		"a reply to it":                  {"POST", room + "/message", message("parent_id", "few")},
		"what quotes it":                 {"POST", room + "/message", message("quoted_message_id", "few")},
		"pinning it":                     {"PUT", "/api/v2/chat/messages/few", object{"set": object{"pinned": true}, "user_id": "alice"}},
		"quoting it later":               {"PUT", "/api/v2/chat/messages/all", object{"set": object{"quoted_message_id": "few"}, "user_id": "alice"}},
		"showing it to others":           {"POST", "/api/v2/chat/messages/few", message("restricted_visibility", []string{"dave"})},
		"showing what is for all to few": {"POST", "/api/v2/chat/messages/all", message()},
		"changing who sees it, in part":  {"PUT", "/api/v2/chat/messages/few", object{"unset": []string{"restricted_visibility"}, "user_id": "alice"}},
		"with a change of the channel":   {"POST", room, object{"message": message("restricted_visibility", []string{"bob"})["message"], "user_id": "alice"}},
		"with a channel that is emptied": {"POST", room + "/truncate", object{"message": message()["message"], "user_id": "alice"}},
	} {
		t.Run(name, func(*testing.T) { c.refused(row.method, row.path, row.body, 400, codeInput) })
	}
	c.ok("POST", "/api/v2/chat/messages/few", message("text", "new", "restricted_visibility", []string{"bob", "carol"}))
	c.ok("PUT", "/api/v2/chat/messages/few", object{"set": object{"text": "newer"}, "user_id": "alice"})
	c.ok("POST", "/api/v2/chat/messages/few", message("text", "newest", "restricted_visibility", nil))
	if got := fmt.Sprint(c.message("few")["restricted_visibility"]); got != "[carol bob]" {
		t.Errorf("edited, it is for %s", got)
	}
	c.ok("DELETE", "/api/v2/chat/messages/few?hard=true", nil)
	c.ok("POST", room+"/truncate", object{})
}
