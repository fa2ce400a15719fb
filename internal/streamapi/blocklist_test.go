package streamapi_test

import (
	"strings"
	"testing"
)

const codeModerated = 73

func TestBlocklists(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	const lists = "/api/v2/blocklists"
	c.ok("POST", lists, object{"name": "no-cakes", "words": []string{"fudge", "cream", "hot dog"}})
	c.refused("PUT", "/api/v2/chat/channeltypes/team", object{"blocklist": "nowhere", "blocklist_behavior": "block"}, 400, codeInput)
	c.ok("PUT", "/api/v2/chat/channeltypes/team", object{"blocklist": "no-cakes", "blocklist_behavior": "block"})
	c.ok("POST", "/api/v2/chat/channels/team/a/query", object{"data": object{"created_by_id": "alice"}})
	const path = "/api/v2/chat/channels/team/a/message"
	message := func(text string) object { return object{"message": object{"user_id": "alice", "text": text}} }
	for _, text := range []string{"the ice cream and sighed", "Cream is the best", "ice-cream", "CREAM!", "a hot dog, please", "(fudge)"} {
		c.refused("POST", path, message(text), 400, codeModerated)
	}
	var id any
	for _, text := range []string{"Is creamcheese a word?", "I did not enjoy watching Scream", "hot dogs", ""} {
		body := message(text)
		body["message"].(object)["attachments"] = []any{object{"type": "x"}}
		id = at(t, c.ok("POST", path, body), "message", "id")
	}
	c.refused("PUT", "/api/v2/chat/messages/"+id.(string), object{"set": object{"text": "cream"}, "user_id": "alice"}, 400, codeModerated)
	c.ok("POST", "/api/v2/chat/channels/messaging/a/query", object{"data": object{"created_by_id": "alice"}})
	c.ok("POST", "/api/v2/chat/channels/messaging/a/message", message("cream")) // another type

	c.ok("PUT", lists+"/no-cakes", object{"words": []string{"bread"}})
	if words := at(t, c.ok("GET", lists+"/no-cakes", nil), "blocklist", "words").([]any); len(words) != 1 || words[0] != "bread" {
		t.Errorf("the words are %v", words)
	}
	c.ok("POST", path, message("cream"))
	c.refused("POST", path, message("Bread."), 400, codeModerated)
	c.ok("DELETE", lists+"/no-cakes", nil)
	c.ok("POST", path, message("bread"))
	if used := c.ok("GET", "/api/v2/chat/channeltypes/team", nil)["blocklist"]; used != nil {
		t.Errorf("the type still has the block list %v", used)
	}
	if all := at(t, c.ok("GET", lists, nil), "blocklists").([]any); len(all) != 0 {
		t.Errorf("there are still %v", all)
	}
}

func TestBlocklistRefusals(t *testing.T) {
	c := newClient(t)
	const lists = "/api/v2/blocklists"
	c.ok("POST", lists, object{"name": "one", "words": []string{"a"}})
	for _, row := range []struct {
		name         string
		method, path string
		body         object
		status, code int
	}{
		{"a list that is there", "POST", lists, object{"name": "one", "words": []string{"a"}}, 400, codeInput},
		{"no words", "POST", lists, object{"name": "two"}, 400, codeInput},
		{"a word of nothing", "POST", lists, object{"name": "two", "words": []string{" -"}}, 400, codeInput},
		{"a word that is too long", "POST", lists, object{"name": "two", "words": []string{strings.Repeat("x", 41)}}, 400, codeInput},
		{"a list of patterns", "POST", lists, object{"name": "two", "words": []string{"a"}, "type": "regex"}, 400, codeInput},
		{"parts of words", "POST", lists, object{"name": "two", "words": []string{"a"}, "is_substring_matching_enabled": true}, 400, codeInput},
		{"a list that isn't there", "GET", lists + "/two", nil, 404, codeMissing},
		{"changing one that isn't there", "PUT", lists + "/two", object{"words": []string{"a"}}, 404, codeMissing},
		{"deleting one that isn't there", "DELETE", lists + "/two", nil, 404, codeMissing},
	} {
		t.Run(row.name, func(t *testing.T) {
			here := *c
			here.t = t
			here.refused(row.method, row.path, row.body, row.status, row.code)
		})
	}
}
