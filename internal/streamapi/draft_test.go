package streamapi_test

import (
	"strings"
	"testing"
)

func TestDrafts(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob")
		one, two := c.channelOfAnn("one"), c.channelOfAnn("two")
		c.says(one, "m1", "bob", "what do you think?")
		write := func(channel string, message object) any {
			t.Helper()
			return at(t, c.ok("POST", channel+"/draft", object{"message": message, "user_id": "ann"}), "draft")
		}
		write(one, object{"text": "I thi"})
		made := write(one, object{"id": "d1", "text": "I think", "quoted_message_id": "m1", "mentioned_users": []string{"bob"},
			"attachments": []any{object{"type": "file", "asset_url": "https://x.example/a.txt"}}, "custom": object{"mood": "good"}})
		if at(t, made, "channel_cid") != "messaging:one" || at(t, made, "message", "id") != "d1" || at(t, made, "quoted_message", "id") != "m1" ||
			at(t, made, "message", "mentioned_users", 0, "name") != "Name of bob" || at(t, made, "message", "custom", "mood") != "good" ||
			at(t, made, "message", "attachments", 0, "type") != "file" {
			t.Errorf("a draft is kept as %v", made)
		}
		if reply := write(one, object{"text": "in short", "parent_id": "m1"}); at(t, reply, "parent_message", "id") != "m1" {
			t.Errorf("a draft of a reply is kept as %v", reply)
		}
		write(two, object{"text": "elsewhere"})
		for path, want := range map[string]string{one + "/draft?user_id=ann": "I think", one + "/draft?user_id=ann&parent_id=m1": "in short"} {
			if got := at(t, c.ok("GET", path, nil), "draft", "message", "text"); got != want {
				t.Errorf("%s is %v, want %q", path, got, want)
			}
		}
		c.refused("GET", one+"/draft?user_id=bob", nil, 404, 16)
		for _, row := range []struct {
			name  string
			query object
			want  string
		}{
			{"all, the newest first", object{}, "elsewhere, in short, I think"},
			{"the oldest first", object{"sort": []any{object{"field": "created_at", "direction": 1}}}, "I think, in short, elsewhere"},
			{"of one channel", object{"filter": object{"channel_cid": "messaging:two"}}, "elsewhere"},
			{"of a thread", object{"filter": object{"parent_id": "m1"}}, "in short"},
			{"of no thread", object{"filter": object{"parent_id": object{"$exists": false}}}, "elsewhere, I think"},
			{"one", object{"limit": 1}, "elsewhere"},
		} {
			row.query["user_id"] = "ann"
			if got := c.drafts(row.query); got != row.want {
				t.Errorf("%s: %s, want %s", row.name, got, row.want)
			}
		}
		if list := at(t, c.ok("GET", one+"/messages?ids=d1", nil), "messages").([]any); len(list) != 0 {
			t.Errorf("a draft is among the messages: %v", list)
		}
		c.ok("DELETE", one+"/draft?user_id=ann", nil)
		c.refused("DELETE", one+"/draft?user_id=ann", nil, 404, 16)
		c.ok("DELETE", "/api/v2/chat/messages/m1?hard=true", nil)
		if got := c.drafts(object{"user_id": "ann"}); got != "elsewhere" {
			t.Errorf("with one deleted, and the message of another gone, there are %q", got)
		}
		c.ok("DELETE", two, nil)
		if got := c.drafts(object{"user_id": "ann"}); got != "" {
			t.Errorf("of a deleted channel there are %q", got)
		}
	})
}

// drafts are the texts of the drafts that a query finds.
func (c *client) drafts(query object) string {
	c.t.Helper()
	var texts []string
	for _, d := range at(c.t, c.ok("POST", "/api/v2/chat/drafts/query", query), "drafts").([]any) {
		texts = append(texts, at(c.t, d, "message", "text").(string))
	}
	return strings.Join(texts, ", ")
}

// Each row is a draft that is refused.
func TestRefusedDrafts(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	for _, row := range []struct {
		name, path   string
		message      object
		status, code int
	}{
		{"in a channel that isn't there", "/api/v2/chat/channels/messaging/two", object{"text": "x"}, 404, 16},
		{"of nothing", channel, object{}, 400, 4},
		{"too long", channel, object{"text": strings.Repeat("x", 5_001)}, 400, 20},
		{"to a message that isn't there", channel, object{"text": "x", "parent_id": "m9"}, 400, 4},
		{"that mentions nobody known", channel, object{"text": "x", "mentioned_users": []string{"zoe"}}, 400, 4},
	} {
		t.Run(row.name, func(*testing.T) {
			c.refused("POST", row.path+"/draft", object{"message": row.message, "user_id": "ann"}, row.status, row.code)
		})
	}
	c.refused("POST", channel+"/draft", object{"message": object{"text": "x"}}, 400, 4)
	c.refused("GET", channel+"/draft", nil, 400, 4)
}
