package streamapi_test

import (
	"strings"
	"testing"
)

// room makes a channel of type messaging with those members and returns its path.
func (c *client) room(id string, members ...string) string {
	c.t.Helper()
	c.users(members...)
	var list []object
	for _, m := range members {
		list = append(list, object{"user_id": m})
	}
	path := "/api/v2/chat/channels/messaging/" + id
	c.ok("POST", path+"/query", object{"data": object{"created_by_id": members[0], "members": list}})
	return path
}

// send sends a message and returns it.
func (c *client) send(room string, message object) object {
	c.t.Helper()
	sent, _ := at(c.t, c.ok("POST", room+"/message", object{"message": message}), "message").(object)
	return sent
}

func (c *client) message(id string) object {
	c.t.Helper()
	got, _ := at(c.t, c.ok("GET", "/api/v2/chat/messages/"+id, nil), "message").(object)
	return got
}

func TestSendingAMessage(t *testing.T) { onBoth(t, sendingAMessage) }

func sendingAMessage(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob")
	sent := c.send(room, object{
		"id": "first", "text": "Hello *you*", "user_id": "alice", "mentioned_users": []string{"bob", "bob"},
		"attachments": []object{{"type": "product", "price": 3, "custom": object{"x": []int{1}}}, {"type": "image", "image_url": "https://e.com/a.png"}},
		"custom":      object{"priority": "high"}, "silent": true, "html": "<p>Hello</p>",
	})
	for _, m := range []object{sent, c.message("first")} {
		for _, row := range []struct {
			path []any
			want any
		}{
			{[]any{"id"}, "first"}, {[]any{"cid"}, "messaging:one"}, {[]any{"type"}, "regular"}, {[]any{"text"}, "Hello *you*"},
			{[]any{"html"}, "<p>Hello</p>"}, {[]any{"silent"}, true}, {[]any{"pinned"}, false},
			{[]any{"user", "id"}, "alice"}, {[]any{"user", "name"}, "Name of alice"}, {[]any{"member", "channel_role"}, "channel_member"},
			{[]any{"mentioned_users", 0, "name"}, "Name of bob"}, {[]any{"custom", "priority"}, "high"},
			{[]any{"attachments", 0, "price"}, 3.0}, {[]any{"attachments", 0, "custom", "x", 0}, 1.0},
			{[]any{"attachments", 1, "image_url"}, "https://e.com/a.png"},
		} {
			if got := at(t, m, row.path...); got != row.want {
				t.Errorf("%v is %v, want %v", row.path, got, row.want)
			}
		}
		if list, _ := m["mentioned_users"].([]any); len(list) != 1 {
			t.Errorf("mentions %v, want bob once", list)
		}
	}
	if at(t, c.message("first"), "channel", "cid") != "messaging:one" {
		t.Error("a message that is asked for comes without its channel")
	}
}

func TestMessagesThatAreRefused(t *testing.T) { onBoth(t, messagesThatAreRefused) }

func messagesThatAreRefused(t *testing.T, c *client) {
	room := c.room("one", "alice")
	other := c.room("two", "alice")
	c.send(room, object{"id": "taken", "text": "x", "user_id": "alice"})
	c.send(room, object{"id": "reply", "text": "x", "user_id": "alice", "parent_id": "taken"})
	c.send(other, object{"id": "elsewhere", "text": "x", "user_id": "alice"})
	many := make([]object, 31)
	for i := range many {
		many[i] = object{"type": "file"}
	}
	for _, row := range []struct {
		name    string
		message object
		code    int
	}{
		{"of nobody", object{"text": "x"}, 4},
		{"of nothing", object{"user_id": "alice"}, 4},
		{"under an id that is taken", object{"id": "taken", "text": "x", "user_id": "alice"}, 4},
		{"under an id with a comma", object{"id": "a,b", "text": "x", "user_id": "alice"}, 4},
		{"under an id with a percent sign", object{"id": "a%b", "text": "x", "user_id": "alice"}, 4},
		{"under an id that is too long", object{"id": strings.Repeat("a", 256), "text": "x", "user_id": "alice"}, 4},
		{"with too long a text", object{"text": strings.Repeat("ä", 5001), "user_id": "alice"}, 20},
		{"with NUL in it", object{"text": "a\x00b", "user_id": "alice"}, 4},
		{"with too much custom data", object{"text": "x", "user_id": "alice", "custom": object{"a": strings.Repeat("a", 5<<10)}}, 4},
		{"with too many attachments", object{"text": "x", "user_id": "alice", "attachments": many}, 4},
		{"with an attachment that is no object", object{"text": "x", "user_id": "alice", "attachments": []int{1}}, 4},
		{"with NUL in an attachment", object{"text": "x", "user_id": "alice", "attachments": []object{{"title": "\x00"}}}, 4},
		{"that mentions nobody's id", object{"text": "x", "user_id": "alice", "mentioned_users": []string{"nobody"}}, 4},
		{"of a type that isn't sent", object{"text": "x", "user_id": "alice", "type": "deleted"}, 4},
		{"that replies to nothing", object{"text": "x", "user_id": "alice", "parent_id": "none"}, 4},
		{"that replies to a reply", object{"text": "x", "user_id": "alice", "parent_id": "reply"}, 4},
		{"that replies to another channel's", object{"text": "x", "user_id": "alice", "parent_id": "elsewhere"}, 4},
		{"that quotes another channel's", object{"text": "x", "user_id": "alice", "quoted_message_id": "elsewhere"}, 4},
		{"with a poll that isn't there", object{"text": "x", "user_id": "alice", "poll_id": "p"}, 4},
	} {
		t.Run(row.name, func(*testing.T) { c.refused("POST", room+"/message", object{"message": row.message}, 400, row.code) })
	}
	c.refused("POST", "/api/v2/chat/channels/messaging/none/message", object{"message": object{"text": "x", "user_id": "alice"}}, 404, 16)
	c.refused("GET", "/api/v2/chat/messages/none", nil, 404, 16)
}

func TestAChannelShowsItsNewestMessages(t *testing.T) { onBoth(t, aChannelShowsItsNewestMessages) }

func aChannelShowsItsNewestMessages(t *testing.T, c *client) {
	for _, name := range []string{"one", "two"} {
		room := c.room(name, "alice", "bob")
		c.send(room, object{"id": name + "1", "text": "1", "user_id": "alice"})
		c.send(room, object{"id": name + "2", "text": "2", "user_id": "bob", "quoted_message_id": name + "1", "pinned": true})
		c.send(room, object{"id": name + "3", "text": "in the thread", "user_id": "bob", "parent_id": name + "1"})
		c.send(room, object{"id": name + "4", "text": "in both", "user_id": "alice", "parent_id": name + "1", "show_in_channel": true})
	}
	answer := c.ok("POST", "/api/v2/chat/channels", object{"sort": []object{{"field": "cid", "direction": 1}}, "message_limit": 3})
	for i, name := range []string{"one", "two"} {
		channel := at(t, answer, "channels", i)
		messages, _ := at(t, channel, "messages").([]any)
		if got := texts(t, messages); got != "1 2 in both" {
			t.Errorf("%s shows %q, want all but what is in the thread only", name, got)
		}
		for _, row := range []struct {
			path []any
			want any
		}{
			{[]any{0, "reply_count"}, 2.0}, {[]any{0, "thread_participants", 0, "id"}, "bob"}, {[]any{0, "thread_participants", 1, "id"}, "alice"},
			{[]any{1, "quoted_message", "text"}, "1"}, {[]any{1, "pinned"}, true}, {[]any{1, "pinned_by", "id"}, "bob"},
			{[]any{2, "parent_id"}, name + "1"}, {[]any{2, "type"}, "reply"}, {[]any{2, "show_in_channel"}, true},
		} {
			if got := at(t, messages, row.path...); got != row.want {
				t.Errorf("%s: %v is %v, want %v", name, row.path, got, row.want)
			}
		}
		if got := at(t, channel, "pinned_messages", 0, "id"); got != name+"2" {
			t.Errorf("%s has %v pinned", name, got)
		}
	}
}

func texts(t *testing.T, messages any) string {
	t.Helper()
	list, _ := messages.([]any)
	var said []string
	for _, m := range list {
		text, _ := at(t, m, "text").(string)
		said = append(said, text)
	}
	return strings.Join(said, " ")
}

func TestChangingAMessage(t *testing.T) { onBoth(t, changingAMessage) }

func changingAMessage(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob")
	c.send(room, object{"id": "m", "text": "first", "user_id": "alice", "custom": object{"a": 1, "deep": object{"b": 2, "c": 3}}})
	const path = "/api/v2/chat/messages/m"
	c.ok("POST", path, object{"message": object{"text": "second", "user_id": "alice", "custom": object{"a": 2}, "mentioned_users": []string{"bob"}}})
	m := c.message("m")
	if m["text"] != "second" || at(t, m, "custom", "a") != 2.0 || at(t, m, "custom", "deep") != nil || at(t, m, "mentioned_users", 0, "id") != "bob" {
		t.Errorf("replaced, the message is %v", m)
	}
	if m["message_text_updated_at"] == nil || m["updated_at"] == m["created_at"] {
		t.Error("nothing tells that the text was changed")
	}
	c.ok("PUT", path, object{"set": object{"text": "third", "deep.b": 5, "pinned": true}, "unset": []string{"a"}, "user_id": "bob"})
	m = c.message("m")
	if m["text"] != "third" || at(t, m, "custom", "deep", "b") != 5.0 || at(t, m, "custom", "a") != nil || at(t, m, "pinned_by", "id") != "bob" {
		t.Errorf("changed in part, the message is %v", m)
	}
	c.ok("PUT", path, object{"unset": []string{"pinned"}})
	if m = c.message("m"); m["pinned"] != false || m["pinned_at"] != nil {
		t.Error("it is still pinned")
	}
	history, _ := c.ok("POST", "/api/v2/chat/messages/history", object{"filter": object{"message_id": "m"}, "sort": nil})["message_history"].([]any)
	if got := texts(t, history); got != "second first" {
		t.Errorf("its history is %q, want newest first, and nothing for a pin", got)
	}
	for _, row := range []struct {
		name string
		body object
	}{
		{"a reserved field", object{"set": object{"created_at": "2026-01-01T00:00:00Z"}}},
		{"a reserved field to unset", object{"unset": []string{"user"}}},
		{"a text that is none", object{"set": object{"text": 5}}},
		{"nothing left", object{"unset": []string{"text", "deep"}}},
		{"a mention of nobody", object{"set": object{"mentioned_users": []string{"nobody"}}}},
		{"an attachment that is no object", object{"set": object{"attachments": []string{"x"}}}},
	} {
		t.Run(row.name, func(*testing.T) { c.refused("PUT", path, row.body, 400, codeInput) })
	}
	c.refused("PUT", "/api/v2/chat/messages/none", object{"set": object{"text": "x"}}, 404, codeMissing)
	if c.message("m")["text"] != "third" {
		t.Error("what was refused had an effect")
	}
}

func TestDeletingMessages(t *testing.T) { onBoth(t, deletingMessages) }

func deletingMessages(t *testing.T, c *client) {
	room := c.room("one", "alice", "bob")
	for _, id := range []string{"soft", "hard", "mine"} {
		c.send(room, object{"id": id, "text": "what " + id + " says", "user_id": "alice", "custom": object{"a": 1}})
	}
	c.send(room, object{"id": "reply", "text": "reply", "user_id": "bob", "parent_id": "hard"})
	c.ok("POST", "/api/v2/chat/messages/soft/reaction", object{"reaction": object{"type": "like", "user_id": "bob"}})

	for range 2 {
		deleted := at(t, c.ok("DELETE", "/api/v2/chat/messages/soft", nil), "message").(object)
		if deleted["type"] != "deleted" || deleted["text"] != "" || deleted["deleted_at"] == nil {
			t.Errorf("deleted, the message is %v", deleted)
		}
	}
	if shown := c.ok("GET", "/api/v2/chat/messages/soft?show_deleted_message=true", nil); at(t, shown, "message", "text") != "what soft says" {
		t.Error("what a deleted message said can't be had")
	}
	c.refused("PUT", "/api/v2/chat/messages/soft", object{"set": object{"text": "x"}}, 404, codeMissing)
	c.refused("POST", "/api/v2/chat/messages/soft/undelete", object{}, 400, codeInput)
	c.refused("POST", "/api/v2/chat/messages/soft/undelete", object{"undeleted_by": "nobody"}, 400, codeInput)
	back := at(t, c.ok("POST", "/api/v2/chat/messages/soft/undelete", object{"undeleted_by": "alice"}), "message").(object)
	if back["text"] != "what soft says" || back["type"] != "regular" || at(t, back, "custom", "a") != 1.0 || at(t, back, "reaction_counts", "like") != 1.0 {
		t.Errorf("brought back, the message is %v", back)
	}
	c.refused("POST", "/api/v2/chat/messages/soft/undelete", object{"undeleted_by": "alice"}, 400, codeInput)

	gone := at(t, c.ok("DELETE", "/api/v2/chat/messages/hard?hard=true", nil), "message").(object)
	if gone["type"] != "deleted" {
		t.Errorf("erased, the message is %v", gone)
	}
	for _, id := range []string{"hard", "reply"} {
		c.refused("GET", "/api/v2/chat/messages/"+id, nil, 404, codeMissing)
	}

	c.refused("DELETE", "/api/v2/chat/messages/mine?delete_for_me=true", nil, 400, codeInput)
	c.ok("DELETE", "/api/v2/chat/messages/mine?delete_for_me=true&deleted_by=bob", nil)
	for viewer, want := range map[string]string{"bob": "what soft says ", "alice": "what soft says what mine says"} {
		state := at(t, c.ok("POST", "/api/v2/chat/channels", object{"user_id": viewer}), "channels", 0, "messages")
		if got := texts(t, state); got != want {
			t.Errorf("%s sees %q, want %q", viewer, got, want)
		}
	}
}

func TestRepliesInPages(t *testing.T) { onBoth(t, repliesInPages) }

func repliesInPages(t *testing.T, c *client) {
	room := c.room("one", "alice")
	c.send(room, object{"id": "parent", "text": "p", "user_id": "alice"})
	for _, id := range []string{"1", "2", "3", "4", "5", "6"} {
		c.send(room, object{"id": id, "text": id, "user_id": "alice", "parent_id": "parent"})
	}
	for query, want := range map[string]string{
		"": "1 2 3 4 5 6", "limit=2": "5 6", "limit=2&id_lt=5": "3 4", "limit=2&id_lte=5": "4 5", "limit=2&id_gt=2": "3 4", "limit=2&id_gte=2": "2 3",
		"limit=3&id_around=3": "2 3 4", "id_gt=6": "", "limit=2&sort=%5B%7B%22field%22%3A%22created_at%22%2C%22direction%22%3A-1%7D%5D": "6 5",
	} {
		if got := texts(t, c.ok("GET", "/api/v2/chat/messages/parent/replies?"+query, nil)["messages"]); got != want {
			t.Errorf("%q gives %q, want %q", query, got, want)
		}
	}
	c.refused("GET", "/api/v2/chat/messages/parent/replies?limit=301", nil, 400, codeInput)
	c.refused("GET", "/api/v2/chat/messages/parent/replies?id_lt=none", nil, 404, codeMissing)
	c.refused("GET", "/api/v2/chat/messages/none/replies", nil, 404, codeMissing)
	if got := texts(t, c.ok("GET", room+"/messages?ids=3,none,1", nil)["messages"]); got != "3 1" {
		t.Errorf("many at once are %q", got)
	}
	c.refused("GET", room+"/messages", nil, 400, codeInput)
}
