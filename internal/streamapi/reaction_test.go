package streamapi_test

import (
	"strconv"
	"strings"
	"testing"
)

func TestReactions(t *testing.T) { onBoth(t, reactions) }

func reactions(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob")
	c.send(room, object{"id": "m", "text": "x", "user_id": "alice"})
	const path = "/api/v2/chat/messages/m"
	react := func(reaction object) object { return c.ok("POST", path+"/reaction", object{"reaction": reaction}) }

	react(object{"type": "like", "user_id": "alice"})
	react(object{"type": "clap", "user_id": "alice", "score": 5})
	react(object{"type": "clap", "user_id": "bob", "score": 3, "custom": object{"a": 1}})
	answer := react(object{"type": "clap", "user_id": "bob", "score": 7})
	for _, row := range []struct {
		path []any
		want any
	}{
		{[]any{"reaction", "score"}, 7.0}, {[]any{"reaction", "user", "name"}, "Name of bob"},
		{[]any{"message", "reaction_counts", "clap"}, 2.0}, {[]any{"message", "reaction_scores", "clap"}, 12.0},
		{[]any{"message", "reaction_groups", "clap", "sum_scores"}, 12.0}, {[]any{"message", "own_reactions", 0, "type"}, "clap"},
		{[]any{"message", "latest_reactions", 0, "user_id"}, "bob"}, {[]any{"message", "latest_reactions", 2, "type"}, "like"},
	} {
		if got := at(t, answer, row.path...); got != row.want {
			t.Errorf("%v is %v, want %v", row.path, got, row.want)
		}
	}
	list := func(method, query string, body any) string {
		reactions, _ := c.ok(method, path+"/reactions"+query, body)["reactions"].([]any)
		var found []string
		for _, r := range reactions {
			found = append(found, at(t, r, "user_id").(string)+":"+at(t, r, "type").(string))
		}
		return strings.Join(found, " ")
	}
	for _, row := range []struct {
		method, query string
		body          any
		want          string
	}{
		{"GET", "", nil, "bob:clap alice:clap alice:like"},
		{"GET", "?limit=1&offset=1", nil, "alice:clap"},
		{"POST", "", object{"filter": object{"type": "clap"}}, "bob:clap alice:clap"},
		{"POST", "", object{"filter": object{"user_id": object{"$in": []string{"alice"}}}, "sort": []object{{"field": "type", "direction": 1}}}, "alice:clap alice:like"},
		{"POST", "", object{"filter": object{"score": object{"$gt": 5}}}, "bob:clap"},
	} {
		if got := list(row.method, row.query, row.body); got != row.want {
			t.Errorf("%s %s %v gives %q, want %q", row.method, row.query, row.body, got, row.want)
		}
	}
	for i := range 8 {
		react(object{"type": "word" + strconv.Itoa(i), "user_id": "alice"})
	}
	c.refused("POST", path+"/reaction", object{"reaction": object{"type": "eleventh", "user_id": "alice"}}, 400, 4)
	for i := range 8 {
		c.ok("DELETE", path+"/reaction/word"+strconv.Itoa(i)+"?user_id=alice", nil)
	}
	first := c.ok("POST", path+"/reactions", object{"limit": 2})
	second := c.ok("POST", path+"/reactions", object{"limit": 2, "next": first["next"]})
	if at(t, second, "reactions", 0, "type") != "like" || second["next"] != nil || second["prev"] == nil {
		t.Errorf("the second page is %v", second)
	}

	c.ok("POST", path+"/reaction", object{"reaction": object{"type": "wow", "user_id": "alice"}, "enforce_unique": true})
	if got := list("GET", "", nil); got != "alice:wow bob:clap" {
		t.Errorf("after the only one %q", got)
	}
	c.refused("DELETE", path+"/reaction/clap", nil, 400, codeInput)
	c.refused("DELETE", path+"/reaction/clap?user_id=alice", nil, 404, codeMissing)
	c.ok("DELETE", path+"/reaction/clap?user_id=bob", nil)
	if got := list("GET", "", nil); got != "alice:wow" {
		t.Errorf("after one is taken away %q", got)
	}
	for name, reaction := range map[string]object{
		"of nobody":                {"type": "like"},
		"without a word":           {"user_id": "bob"},
		"with a word that is none": {"user_id": "bob", "type": "so nice"},
		"with too much data":       {"user_id": "bob", "type": "like", "custom": object{"a": strings.Repeat("a", 1<<10)}},
		"with a negative score":    {"user_id": "bob", "type": "like", "score": -1},
	} {
		t.Run(name, func(*testing.T) { c.refused("POST", path+"/reaction", object{"reaction": reaction}, 400, codeInput) })
	}
	c.refused("POST", "/api/v2/chat/messages/none/reaction", object{"reaction": object{"type": "like", "user_id": "bob"}}, 404, codeMissing)
	c.refused("GET", "/api/v2/chat/messages/none/reactions", nil, 404, codeMissing)
}
