package streamapi_test

import (
	"strings"
	"testing"
)

func TestThreads(t *testing.T) { onBoth(t, threads) }

func threads(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob", "carol")
	for _, id := range []string{"first", "second", "none"} {
		c.send(room, object{"id": id, "text": id, "user_id": "alice"})
	}
	for _, reply := range []object{
		{"parent_id": "first", "text": "1", "user_id": "bob"},
		{"parent_id": "second", "text": "2", "user_id": "carol"},
		{"parent_id": "first", "text": "3", "user_id": "alice"},
		{"parent_id": "first", "text": "4", "user_id": "bob"},
	} {
		c.send(room, reply)
	}
	query := func(body object) string {
		list, _ := c.ok("POST", "/api/v2/chat/threads", body)["threads"].([]any)
		var found []string
		for _, thread := range list {
			found = append(found, at(t, thread, "parent_message_id").(string))
		}
		return strings.Join(found, " ")
	}
	for _, row := range []struct {
		asks string
		body object
		want string
	}{
		{"all of who wrote the messages", object{"user_id": "alice"}, "first second"},
		{"those of who replied", object{"user_id": "carol"}, "second"},
		{"a channel's", object{"filter": object{"channel_cid": "messaging:one"}}, "first second"},
		{"another channel's", object{"filter": object{"channel_cid": "messaging:two"}}, ""},
		{"who began them", object{"filter": object{"created_by_user_id": object{"$eq": "carol"}}}, "second"},
		{"by their replies", object{"sort": []object{{"field": "reply_count", "direction": 1}}}, "second first"},
		{"those with many", object{"filter": object{"reply_count": object{"$gt": 1}}}, "first"},
	} {
		if got := query(row.body); got != row.want {
			t.Errorf("%s: %q, want %q", row.asks, got, row.want)
		}
	}
	page := c.ok("POST", "/api/v2/chat/threads", object{"limit": 1})
	if got := query(object{"limit": 1, "next": page["next"]}); got != "second" {
		t.Errorf("the next page has %q", got)
	}
	const path = "/api/v2/chat/threads/first"
	c.ok("PATCH", path, object{"set": object{"title": "About", "color": "red"}})
	thread := at(t, c.ok("GET", path, nil), "thread")
	for _, row := range []struct {
		path []any
		want any
	}{
		{[]any{"title"}, "About"}, {[]any{"custom", "color"}, "red"}, {[]any{"created_by_user_id"}, "bob"}, {[]any{"reply_count"}, 3.0},
		{[]any{"participant_count"}, 2.0}, {[]any{"thread_participants", 0, "user", "name"}, "Name of alice"},
		{[]any{"parent_message", "text"}, "first"}, {[]any{"channel", "cid"}, "messaging:one"},
	} {
		if got := at(t, thread, row.path...); got != row.want {
			t.Errorf("%v is %v, want %v", row.path, got, row.want)
		}
	}
	if got := texts(t, at(t, thread, "latest_replies")); got != "3 4" {
		t.Errorf("its latest replies are %q", got)
	}
	c.ok("PATCH", room, object{"set": object{"disabled": true}})
	for disabled, want := range map[bool]string{true: "first second", false: ""} {
		if got := query(object{"filter": object{"channel.disabled": disabled}}); got != want {
			t.Errorf("those of channels with disabled=%v: %q, want %q", disabled, got, want)
		}
	}
	c.refused("GET", "/api/v2/chat/threads/none", nil, 404, codeMissing)
	c.refused("PATCH", path, object{"set": object{"title": 5}}, 400, codeInput)
	c.refused("POST", "/api/v2/chat/threads", object{"limit": 26}, 400, codeInput)
	c.refused("POST", "/api/v2/chat/threads", object{"filter": object{"reply_count": "many"}}, 400, codeInput)
}
