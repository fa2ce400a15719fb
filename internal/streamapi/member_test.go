package streamapi_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"
)

func TestQueryingMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.room("one", "alice", "bob", "carl")
		rows := []struct{ name, query, want string }{
			{"all", `"filter_conditions":{}`, "alice bob carl"},
			{"by name", `"filter_conditions":{"name":{"$autocomplete":"name of B"}}`, "bob"},
			{"a page", `"filter_conditions":{},"limit":1,"offset":1,"sort":[{"field":"user_id","direction":-1}]`, "bob"},
		}
		query := func(text string) string {
			return "/api/v2/chat/members?payload=" + url.QueryEscape(`{"type":"messaging","id":"one",`+text+`}`)
		}
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				if got := listOf(t, c.ok("GET", query(row.query), nil)["members"], "user_id"); got != row.want {
					t.Errorf("it finds %q, want %q", got, row.want)
				}
			})
		}
		c.refused("GET", query(`"limit":101`), nil, 400, 4)
		c.refused("GET", query(`"filter_conditions":{"name":{"$near":1}}`), nil, 400, 4)
		c.refused("GET", "/api/v2/chat/members?payload="+url.QueryEscape(`{"type":"messaging","id":"none"}`), nil, 404, 16)
		c.refused("GET", "/api/v2/chat/members", nil, 400, 4)
	})
}

func TestAPartialUpdateOfAMember(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice", "bob")
		path := room + "/member?user_id=bob"
		answer := c.ok("PATCH", path, object{"set": object{"color": "red", "deep.x": 1, "pinned": true, "channel_role": "channel_moderator"}})
		m := at(t, answer, "channel_member")
		if at(t, m, "custom", "color") != "red" || at(t, m, "custom", "deep", "x") != 1.0 || at(t, m, "pinned_at") == nil ||
			at(t, m, "channel_role") != "channel_moderator" {
			t.Errorf("the member is %v", m)
		}
		if c.found("bob", object{"pinned": true}) != "one" || c.found("alice", object{"pinned": true}) != "" {
			t.Error("pinning pins for others, or not at all")
		}
		answer = c.ok("PATCH", path, object{"set": object{"pinned": false, "archived": true}, "unset": []string{"color"}})
		m = at(t, answer, "channel_member")
		if at(t, m, "custom", "color") != nil || at(t, m, "pinned_at") != nil || at(t, m, "archived_at") == nil {
			t.Errorf("the member is %v", m)
		}
		if c.found("bob", object{"archived": true}) != "one" || c.found("bob", object{"pinned": false}) != "one" {
			t.Error("archiving doesn't archive")
		}
		c.refused("PATCH", path, object{"set": object{"channel_role": "king"}}, 400, 4)
		c.refused("PATCH", path, object{"set": object{"pinned": "maybe"}}, 400, 4)
		c.refused("PATCH", path, object{"set": object{"banned": true}}, 400, 4)
		c.refused("PATCH", room+"/member", object{"set": object{"a": 1}}, 400, 4)
		c.refused("PATCH", room+"/member?user_id=nobody", object{"set": object{"a": 1}}, 404, 16)
	})
}

func TestReadingAndUnread(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice", "bob")
		var ids []string
		for i := range 3 {
			sent := c.send(room, object{"text": fmt.Sprint(i), "user_id": "alice"})
			ids = append(ids, fmt.Sprint(sent["id"]))
		}
		expect := func(unread float64, last any) {
			t.Helper()
			read, _ := c.state(room)["read"].([]any)
			for _, r := range read {
				if at(t, r, "user", "id") == "bob" && (at(t, r, "unread_messages") != unread || at(t, r, "last_read_message_id") != last) {
					t.Errorf("bob has %v, want %v unread after %v", r, unread, last)
				}
			}
			want := ""
			if unread > 0 {
				want = "one"
			}
			if got := c.found("bob", object{"has_unread": true}); got != want {
				t.Errorf("with unread messages bob finds %q", got)
			}
		}
		expect(3, nil)
		answer := c.ok("POST", room+"/read", object{"user_id": "bob", "message_id": ids[1]})
		if at(t, answer, "event", "type") != "message.read" || at(t, answer, "event", "user", "id") != "bob" {
			t.Errorf("reading answers %v", answer)
		}
		expect(1, ids[1])
		c.ok("POST", room+"/read", object{"user_id": "bob"})
		expect(0, ids[2])
		c.ok("POST", room+"/unread", object{"user_id": "bob", "message_id": ids[1]})
		expect(2, ids[0])
		c.ok("POST", "/api/v2/chat/channels/read", object{"user_id": "bob", "read_by_channel": object{"messaging:one": ids[2]}})
		expect(0, ids[2])
		c.ok("POST", room+"/unread", object{"user_id": "bob", "message_timestamp": "2020-01-01T00:00:00Z"})
		expect(3, nil)
		c.ok("POST", "/api/v2/chat/channels/read", object{"user_id": "bob"})
		expect(0, ids[2])
		c.ok("POST", "/api/v2/chat/channels/delivered?user_id=bob", object{"latest_delivered_messages": []object{{"cid": "messaging:one", "id": ids[1]}}})
		read, _ := c.state(room)["read"].([]any)
		if at(t, read, 1, "last_delivered_message_id") != ids[1] || at(t, read, 1, "last_delivered_at") == nil {
			t.Errorf("delivery shows as %v", read)
		}

		c.users("carl")
		c.refused("POST", room+"/read", object{}, 400, 4)
		c.ok("POST", room+"/read", object{"user_id": "carl"}) // as Stream's: it changes nothing
		c.refused("POST", "/api/v2/chat/channels/messaging/none/read", object{"user_id": "carl"}, 404, 16)
		c.refused("POST", room+"/read", object{"user_id": "bob", "message_id": "none"}, 404, 16)
		c.refused("POST", room+"/unread", object{"user_id": "bob"}, 400, 4)
		c.refused("POST", room+"/unread", object{"user_id": "bob", "message_id": ids[0], "thread_id": ids[0]}, 400, 4)
		c.refused("POST", "/api/v2/chat/channels/delivered?user_id=bob", object{"latest_delivered_messages": []object{{"cid": "messaging:one"}}}, 400, 4)
		c.refused("POST", "/api/v2/chat/channels/delivered?user_id=carl", object{"latest_delivered_messages": []object{{"cid": "messaging:one", "id": ids[1]}}}, 404, 16)
	})
}

func TestTypingIsPassedOn(t *testing.T) {
	c := newClient(t)
	room := c.room("one", "alice")
	before := time.Now()
	event := c.ok("POST", room+"/event", object{"event": object{"type": "typing.start", "user_id": "alice"}})["event"]
	created, _ := at(t, event, "created_at").(float64)
	if at(t, event, "type") != "typing.start" || at(t, event, "user", "id") != "alice" || int64(created) < before.Add(-time.Second).UnixNano() {
		t.Errorf("the event is %v", event)
	}
	c.refused("POST", room+"/event", object{"event": object{"type": "typing.slowly", "user_id": "alice"}}, 400, 4)
	c.refused("POST", room+"/event", object{"event": object{"type": "typing.stop"}}, 400, 4)
	c.refused("POST", "/api/v2/chat/channels/messaging/none/event", object{"event": object{"type": "typing.stop", "user_id": "alice"}}, 404, 16)
}
