package streamapi_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func (c *client) search(payload object) object {
	c.t.Helper()
	return c.ok("GET", searchPath(c.t, payload), nil)
}

func searchPath(t *testing.T, payload object) string {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return "/api/v2/chat/search?payload=" + url.QueryEscape(string(text))
}

// found are the ids of the messages that a search found.
func found(t *testing.T, answer object) string {
	t.Helper()
	results, _ := answer["results"].([]any)
	var ids []string
	for _, r := range results {
		ids = append(ids, at(t, r, "message", "id").(string))
	}
	return strings.Join(ids, " ")
}

func TestSearchingMessages(t *testing.T) { onBoth(t, searchingMessages) }

func searchingMessages(t *testing.T, c *client) {
	one, two := c.room("one", "alice", "bob"), c.room("two", "bob")
	send := func(room, id, text string, more object) {
		message := object{"id": id, "text": text, "user_id": "bob"}
		for k, v := range more {
			message[k] = v
		}
		c.send(room, message)
	}
	send(one, "plain", "The quick brown Fox", object{"custom": object{"n": 1}})
	send(one, "percent", "100% of it_self", object{"attachments": []object{{"type": "image", "image_url": "https://e.com/a.png"}}})
	send(one, "russian", "Привет, МИР", object{"mentioned_users": []string{"alice"}, "custom": object{"n": 2}})
	send(one, "reply", "the FOX again", object{"parent_id": "plain", "pinned": true})
	send(one, "system", "a fox by the system", object{"type": "system"})
	send(one, "deleted", "a fox that is gone", nil)
	c.ok("DELETE", "/api/v2/chat/messages/deleted", nil)
	send(two, "other", "another fox", nil)

	inOne, everywhere := object{"cid": "messaging:one"}, object{"members": object{"$in": []string{"bob"}}}
	for _, row := range []struct {
		asks     string
		channels object
		query    string
		messages object
		want     string
	}{
		{"a word in any case", inOne, "fox", nil, "reply plain"},
		{"several words, in any order", inOne, "FOX quick", nil, "plain"},
		{"all channels of a member", everywhere, "fox", nil, "other reply plain"},
		{"letters beyond ASCII", inOne, "мир ПРИ", nil, "russian"},
		{"what means something to the database", inOne, "100%", nil, "percent"},
		{"an underscore", inOne, "t_s", nil, "percent"},
		{"nothing that there is", inOne, "cat", nil, ""},
		{"a text in a filter", inOne, "", object{"text": object{"$q": "fox"}}, "reply plain"},
		{"the beginning of a word", inOne, "", object{"text": object{"$autocomplete": "bro"}}, "plain"},
		{"a sender", inOne, "", object{"user.id": "alice"}, ""},
		{"replies", inOne, "", object{"parent_id": "plain"}, "reply"},
		{"a number of replies", inOne, "", object{"reply_count": object{"$gte": 1}}, "plain"},
		{"attachments", inOne, "", object{"attachments": object{"$exists": true}}, "percent"},
		{"a type of attachment", inOne, "", object{"attachments.type": object{"$in": []string{"image"}}}, "percent"},
		{"who is mentioned", inOne, "", object{"mentioned_users.id": object{"$contains": "alice"}}, "russian"},
		{"what is pinned", inOne, "", object{"pinned": true}, "reply"},
		{"custom data", inOne, "", object{"n": object{"$gt": 1}}, "russian"},
		{"a type", inOne, "", object{"type": "reply"}, "reply"},
	} {
		t.Run(row.asks, func(t *testing.T) {
			if got := found(t, c.search(object{"filter_conditions": row.channels, "query": row.query, "message_filter_conditions": row.messages})); got != row.want {
				t.Errorf("found %q, want %q", got, row.want)
			}
		})
	}
	if sorted := found(t, c.search(object{"filter_conditions": everywhere, "query": "fox", "sort": []object{{"field": "created_at", "direction": 1}}})); sorted != "plain reply other" {
		t.Errorf("sorted by time %q", sorted)
	}
	first := c.search(object{"filter_conditions": everywhere, "query": "fox", "limit": 2})
	second := c.search(object{"filter_conditions": everywhere, "query": "fox", "limit": 2, "next": first["next"]})
	if got := slices.Concat([]string{found(t, first)}, []string{found(t, second)}); got[0] != "other reply" || got[1] != "plain" || second["next"] != nil || second["previous"] == nil {
		t.Errorf("in pages %q, then %v", got, second)
	}
	if at(t, first, "results", 0, "message", "channel", "cid") != "messaging:two" {
		t.Error("what is found comes without its channel")
	}
	for name, payload := range map[string]object{
		"without a channel":         {"query": "x"},
		"without a question":        {"filter_conditions": inOne},
		"by both":                   {"filter_conditions": inOne, "query": "x", "message_filter_conditions": object{"text": "x"}},
		"from an offset and a page": {"filter_conditions": inOne, "query": "x", "offset": 1, "next": "abc"},
		"from a page of nothing":    {"filter_conditions": inOne, "query": "x", "next": "abc"},
		"too far":                   {"filter_conditions": inOne, "query": "x", "offset": 1001},
		"too many":                  {"filter_conditions": inOne, "query": "x", "limit": 101},
	} {
		t.Run(name, func(t *testing.T) { c.refused("GET", searchPath(t, payload), nil, 400, codeInput) })
	}
}
