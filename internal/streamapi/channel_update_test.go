package streamapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// listOf is what a field says in each object of a list, sorted.
func listOf(t *testing.T, list any, path ...any) string {
	t.Helper()
	items, _ := list.([]any)
	var found []string
	for _, item := range items {
		found = append(found, fmt.Sprint(at(t, item, path...)))
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

func (c *client) state(room string) object {
	c.t.Helper()
	return c.ok("POST", room+"/query", nil)
}

// found are the ids of the channels that a user finds.
func (c *client) found(user string, filter object) string {
	c.t.Helper()
	answer := c.ok("POST", "/api/v2/chat/channels", object{"filter_conditions": filter, "user_id": user, "state": false})
	return listOf(c.t, answer["channels"], "channel", "id")
}

func TestAChannelIsMadeWithAllItsData(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("alice", "bob", "carl")
		room := "/api/v2/chat/channels/messaging/one"
		made := c.ok("POST", room+"/query", object{"hide_for_creator": true, "data": object{
			"created_by_id": "alice", "team": "red", "frozen": true, "filter_tags": []string{"news", "news"}, "cooldown": 5,
			"members": []object{{"user_id": "alice"}, {"user_id": "bob", "channel_role": "channel_moderator", "custom": object{"seat": 3}}},
			"invites": []object{{"user_id": "carl"}}, "custom": object{"name": "One", "color": "red"}}})
		for _, row := range []struct {
			path []any
			want any
		}{
			{[]any{"channel", "cid"}, "messaging:one"}, {[]any{"channel", "team"}, "red"}, {[]any{"channel", "frozen"}, true},
			{[]any{"channel", "filter_tags", 0}, "news"}, {[]any{"channel", "cooldown"}, 5.0}, {[]any{"channel", "member_count"}, 3.0},
			{[]any{"channel", "custom", "name"}, "One"}, {[]any{"channel", "custom", "color"}, "red"},
			{[]any{"channel", "created_by", "id"}, "alice"}, {[]any{"members", 1, "channel_role"}, "channel_moderator"},
			{[]any{"members", 1, "is_moderator"}, true}, {[]any{"members", 1, "custom", "seat"}, 3.0},
			{[]any{"members", 2, "invited"}, true}, {[]any{"read", 0, "unread_messages"}, 0.0},
		} {
			if got := at(t, made, row.path...); got != row.want {
				t.Errorf("%v is %v, want %v", row.path, got, row.want)
			}
		}
		if tags, _ := at(t, made, "channel", "filter_tags").([]any); len(tags) != 1 {
			t.Errorf("the tags are %v", tags)
		}
		if got := c.found("alice", object{"id": "one"}); got != "" {
			t.Errorf("its creator, for whom it is hidden, finds %q", got)
		}
		again := c.ok("POST", room+"/query", object{"data": object{"created_by_id": "bob", "custom": object{"name": "Two"}}})
		if at(t, again, "channel", "custom", "name") != "One" {
			t.Error("getting it changed it")
		}
	})
}

func TestGettingAChannelShowsWhatIsAskedFor(t *testing.T) {
	c := newClient(t)
	room := c.room("one", "alice", "bob", "carl")
	for i := range 5 {
		c.send(room, object{"id": fmt.Sprint("m", i), "text": fmt.Sprint("text ", i), "user_id": "alice"})
	}
	rows := []struct {
		name              string
		request           object
		members, messages int
	}{
		{"all", object{}, 3, 5},
		{"no state", object{"state": false}, 0, 0},
		{"some messages", object{"messages": object{"limit": 2}}, 3, 2},
		{"messages before one", object{"messages": object{"id_lt": "m3", "limit": 2}}, 3, 2},
		{"messages from one on", object{"messages": object{"id_gte": "m3"}}, 3, 2},
		{"messages around one", object{"messages": object{"id_around": "m2", "limit": 3}}, 3, 3},
		{"some members", object{"members": object{"limit": 2}}, 2, 5},
		{"later members", object{"members": object{"limit": 2, "offset": 2}}, 1, 5},
		{"no members", object{"members": object{"limit": 0}}, 0, 5},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			answer := c.ok("POST", room+"/query", row.request)
			members, _ := answer["members"].([]any)
			messages, _ := answer["messages"].([]any)
			if len(members) != row.members || len(messages) != row.messages {
				t.Errorf("it has %d members and %d messages", len(members), len(messages))
			}
		})
	}
	c.refused("POST", room+"/query", object{"messages": object{"limit": 301}}, 400, 4)
	before := c.ok("POST", room+"/query", object{"messages": object{"id_lt": "m3", "limit": 2}})
	if got := listOf(t, before["messages"], "id"); got != "m1 m2" {
		t.Errorf("before m3 there are %s", got)
	}
	c.refused("POST", room+"/query", object{"members": object{"limit": 101}}, 400, 4)
	c.refused("POST", room+"/query", object{"members": object{"offset": 1001}}, 400, 4)
	c.refused("POST", "/api/v2/chat/channels/messaging/new/query", object{}, 400, 4)
}

func TestADistinctChannelIsOneForItsMembers(t *testing.T) {
	c := newClient(t)
	c.users("alice", "bob")
	pair := func(a, b string) object {
		return object{"data": object{"created_by_id": "alice", "members": []object{{"user_id": a}, {"user_id": b}}}}
	}
	one := c.ok("POST", "/api/v2/chat/channels/messaging/query", pair("alice", "bob"))
	two := c.ok("POST", "/api/v2/chat/channels/messaging/query", pair("bob", "alice"))
	if at(t, one, "channel", "cid") != at(t, two, "channel", "cid") {
		t.Error("the order of the members makes another channel")
	}
	members := c.ok("GET", "/api/v2/chat/members?payload="+`{"type":"messaging","members":[{"user_id":"bob"},{"user_id":"alice"}],"filter_conditions":{}}`, nil)
	if got := listOf(t, members["members"], "user_id"); got != "alice bob" {
		t.Errorf("its members are %q", got)
	}
	c.refused("POST", "/api/v2/chat/channels/messaging/query", object{"data": object{"created_by_id": "alice"}}, 400, 4)
}

func TestAFullUpdateReplacesTheData(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice", "bob")
		c.ok("PATCH", room, object{"set": object{"name": "One", "color": "red", "cooldown": 7}})
		answer := c.ok("POST", room, object{
			"data":            object{"custom": object{"size": 3}, "frozen": true},
			"message":         object{"id": "changed", "text": "It changed.", "user_id": "alice"},
			"add_filter_tags": []string{"news", "sport"},
		})
		custom, _ := at(t, answer, "channel", "custom").(object)
		if len(custom) != 1 || custom["size"] != 3.0 {
			t.Errorf("the custom data is %v", custom)
		}
		if at(t, answer, "channel", "frozen") != true || at(t, answer, "channel", "cooldown") != 7.0 {
			t.Errorf("the channel is %v", answer["channel"])
		}
		if at(t, answer, "message", "type") != "system" || at(t, c.message("changed"), "text") != "It changed." {
			t.Errorf("the message is %v", answer["message"])
		}
		answer = c.ok("POST", room, object{"remove_filter_tags": []string{"sport"}})
		if tags := fmt.Sprint(at(t, answer, "channel", "filter_tags")); tags != "[news]" {
			t.Errorf("the tags are %s", tags)
		}
		if at(t, answer, "channel", "custom", "size") != 3.0 {
			t.Error("an update without data changed the data")
		}
		c.refused("POST", room, object{"cooldown": 121}, 400, 4)
		c.refused("POST", room, object{"data": object{}, "message": object{"text": "x"}}, 400, 4)
		c.refused("POST", room, object{"data": object{"custom": object{"a": 1}}, "message": object{"text": "x", "user_id": "alice", "mentioned_users": []string{"nobody"}}}, 400, 4)
		if at(t, c.state(room), "channel", "custom", "size") != 3.0 {
			t.Error("a refused update changed the data")
		}
		c.refused("POST", "/api/v2/chat/channels/messaging/none", object{"data": object{}}, 404, 16)
	})
}

func TestAnUpdateChangesMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice")
		c.users("bob", "carl", "dora")
		c.send(room, object{"text": "before", "user_id": "alice"})
		roles := func() string { return listOf(t, c.state(room)["members"], "channel_role") }
		ids := func() string { return listOf(t, c.state(room)["members"], "user_id") }
		c.ok("POST", room, object{"add_members": []object{{"user_id": "bob"}, {"user_id": "carl", "channel_role": "channel_moderator"}}, "hide_history": true})
		if ids() != "alice bob carl" || roles() != "channel_member channel_member channel_moderator" {
			t.Errorf("%s as %s", ids(), roles())
		}
		hidden := c.ok("POST", room+"/query", object{"user_id": "bob"})
		if list, _ := hidden["messages"].([]any); len(list) != 0 {
			t.Error("who was added sees the history")
		}
		c.ok("POST", room, object{"add_moderators": []string{"dora", "alice"}, "demote_moderators": []string{"carl"}})
		if ids() != "alice bob carl dora" || roles() != "channel_member channel_member channel_moderator channel_moderator" {
			t.Errorf("%s as %s", ids(), roles())
		}
		c.ok("POST", room, object{"remove_members": []string{"dora", "nobody"}, "assign_roles": []object{{"user_id": "bob", "channel_role": "channel_moderator"}}})
		if ids() != "alice bob carl" || roles() != "channel_member channel_moderator channel_moderator" {
			t.Errorf("%s as %s", ids(), roles())
		}
		c.refused("POST", room, object{"assign_roles": []object{{"user_id": "bob", "channel_role": "king"}}}, 400, 4)
		c.refused("POST", room, object{"assign_roles": []object{{"user_id": "dora", "channel_role": "channel_member"}}}, 404, 16)
		c.refused("POST", room, object{"add_members": []object{{"user_id": "nobody"}}}, 400, 4)
		c.refused("POST", room, object{"add_members": []object{{"user_id": "dora"}}, "demote_moderators": []string{"nobody"}}, 404, 16)
		if ids() != "alice bob carl" {
			t.Errorf("a refused update left %s", ids())
		}
	})
}

func TestInvitations(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice")
		c.users("bob", "carl", "dora")
		c.ok("POST", room, object{"invites": []object{{"user_id": "bob"}, {"user_id": "carl"}, {"user_id": "dora"}}})
		c.ok("POST", room, object{"accept_invite": true, "user_id": "bob"})
		c.ok("POST", room, object{"reject_invite": true, "user_id": "carl"})
		for user, want := range map[string]string{"bob": "accepted", "carl": "rejected", "dora": "pending"} {
			for _, state := range []string{"accepted", "rejected", "pending"} {
				got := c.found(user, object{"invite": state})
				if (got == "one") != (state == want) {
					t.Errorf("%s, whose invitation is %s, finds %q by %s", user, want, got, state)
				}
			}
		}
		c.refused("POST", room, object{"accept_invite": true, "user_id": "alice"}, 400, 4)
		c.refused("POST", room, object{"accept_invite": true}, 400, 4)
		c.refused("POST", room, object{"accept_invite": true, "reject_invite": true, "user_id": "dora"}, 400, 4)
	})
}

func TestTruncation(t *testing.T) {
	rows := []struct {
		name    string
		request object
		left    string // texts that are left
		bob     string // that bob sees
		count   float64
	}{
		{"hides all", object{}, "", "", 0},
		{"removes all", object{"hard_delete": true}, "", "", 0},
		{"leaves a message behind", object{"message": object{"text": "gone", "user_id": "alice"}, "user_id": "alice"}, "gone", "gone", 1},
		{"up to a time", object{"truncated_at": "<>"}, "c", "c", 1},
		{"for some members", object{"member_ids": []string{"bob"}}, "a b c", "", 3},
	}
	onBoth(t, func(t *testing.T, c *client) {
		for i, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				room := c.room(fmt.Sprint("room", i), "alice", "bob")
				var last object
				for _, text := range []string{"a", "b", "c"} {
					if text == "c" {
						nanos, _ := last["created_at"].(float64)
						if row.request["truncated_at"] != nil {
							row.request["truncated_at"] = time.Unix(0, int64(nanos)).Add(time.Millisecond).UTC().Format(time.RFC3339Nano)
						}
						time.Sleep(5 * time.Millisecond) // times of messages are shown rounded
					}
					last = c.send(room, object{"text": text, "user_id": "alice", "pinned": text == "a"})
				}
				id, _ := last["id"].(string)
				c.ok("POST", room+"/truncate", row.request)
				state := c.state(room)
				if got := listOf(t, state["messages"], "text"); got != row.left {
					t.Errorf("%q is left, want %q", got, row.left)
				}
				if got := listOf(t, c.ok("POST", room+"/query", object{"user_id": "bob"})["messages"], "text"); got != row.bob {
					t.Errorf("bob sees %q, want %q", got, row.bob)
				}
				if got := at(t, state, "channel", "message_count"); got != row.count {
					t.Errorf("it counts %v messages, want %v", got, row.count)
				}
				if pinned := listOf(t, state["pinned_messages"], "text"); pinned != "" && i != 4 {
					t.Errorf("%q is pinned still", pinned)
				}
				if row.left == "" {
					c.refused("GET", "/api/v2/chat/messages/"+id, nil, 404, 16)
					if at(t, state, "channel", "truncated_at") == nil || at(t, state, "channel", "last_message_at") != nil {
						t.Errorf("the channel is %v", state["channel"])
					}
				}
			})
		}
		room := c.room("other", "alice")
		c.refused("POST", room+"/truncate", object{"truncated_at": "2999-01-01T00:00:00Z"}, 400, 4)
		c.refused("POST", room+"/truncate", object{"message": object{"text": "x"}}, 400, 4)
		c.refused("POST", "/api/v2/chat/channels/messaging/none/truncate", nil, 404, 16)
	})
}

func TestDeletingManyTellsOfEach(t *testing.T) {
	c := newClient(t)
	c.room("one", "alice")
	room := c.room("two", "alice")
	task, _ := c.ok("POST", "/api/v2/chat/channels/delete", object{"cids": []string{"messaging:one", "messaging:none"}, "hard_delete": true})["task_id"].(string)
	answer := c.ok("GET", "/api/v2/tasks/"+task, nil)
	if at(t, answer, "status") != "completed" || at(t, answer, "result", "messaging:one", "status") != "ok" ||
		at(t, answer, "result", "messaging:none", "status") != "error" {
		t.Errorf("the task is %v", answer)
	}
	if deleted := c.ok("DELETE", room, nil); at(t, deleted, "channel", "deleted_at") == nil {
		t.Errorf("deleting answers %v", deleted)
	}
	c.refused("DELETE", room, nil, 404, 16)
	c.refused("GET", room, nil, 404, 16)
	c.refused("POST", "/api/v2/chat/channels/delete", object{"cids": []string{}}, 400, 4)
	c.refused("POST", "/api/v2/chat/channels/delete", object{"cids": []string{"nonsense"}}, 400, 4)
}

func TestHidingAndMuting(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("one", "alice", "bob")
		c.send(room, object{"text": "old", "user_id": "alice"})
		c.ok("POST", room+"/hide", object{"user_id": "bob", "clear_history": true})
		if c.found("bob", object{"id": "one"}) != "" || c.found("bob", object{"hidden": true}) != "one" || c.found("alice", object{}) != "one" {
			t.Error("hiding hides for others, or not at all")
		}
		time.Sleep(time.Millisecond)
		c.send(room, object{"text": "new", "user_id": "alice"})
		if c.found("bob", object{"id": "one"}) != "one" {
			t.Error("a new message doesn't bring the channel back")
		}
		if got := listOf(t, c.ok("POST", room+"/query", object{"user_id": "bob"})["messages"], "text"); got != "new" {
			t.Errorf("after clearing the history bob sees %q", got)
		}
		c.ok("POST", room+"/hide", object{"user_id": "bob"})
		c.ok("POST", room+"/show", object{"user_id": "bob"})
		if c.found("bob", object{"id": "one"}) != "one" {
			t.Error("showing doesn't show")
		}
		c.users("carl")
		c.refused("POST", room+"/hide", object{"user_id": "carl"}, 400, 4)
		c.refused("POST", room+"/hide", object{}, 400, 4)
		c.refused("POST", "/api/v2/chat/channels/messaging/none/hide", object{"user_id": "bob"}, 404, 16)

		mute := func(expiration int, cids ...string) object {
			return object{"channel_cids": cids, "user_id": "bob", "expiration": expiration}
		}
		answer := c.ok("POST", "/api/v2/chat/moderation/mute/channel", mute(0, "messaging:one"))
		if at(t, answer, "channel_mute", "channel", "cid") != "messaging:one" || at(t, answer, "channel_mute", "user", "id") != "bob" {
			t.Errorf("muting answers %v", answer)
		}
		if c.found("bob", object{"muted": true}) != "one" || c.found("alice", object{"muted": true}) != "" {
			t.Error("muting mutes for others, or not at all")
		}
		c.ok("POST", "/api/v2/chat/moderation/unmute/channel", mute(0, "messaging:one"))
		if c.found("bob", object{"muted": false}) != "one" {
			t.Error("it is still muted")
		}
		c.ok("POST", "/api/v2/chat/moderation/mute/channel", mute(1, "messaging:one"))
		time.Sleep(10 * time.Millisecond)
		if c.found("bob", object{"muted": true}) != "" {
			t.Error("the mute didn't end")
		}
		c.refused("POST", "/api/v2/chat/moderation/mute/channel", mute(0, "messaging:one", "messaging:none"), 404, 16)
		c.refused("POST", "/api/v2/chat/moderation/mute/channel", mute(-1, "messaging:one"), 400, 4)
		c.refused("POST", "/api/v2/chat/moderation/mute/channel", mute(0), 400, 4)
	})
}

func TestAnExportCanBeDownloaded(t *testing.T) {
	c := newClient(t)
	room := c.room("one", "alice", "bob")
	c.send(room, object{"text": "hello", "user_id": "alice"})
	task, _ := c.ok("POST", "/api/v2/chat/export_channels", object{"channels": []object{{"cid": "messaging:one"}, {"type": "messaging", "id": "one"}}})["task_id"].(string)
	link, _ := at(t, c.ok("GET", "/api/v2/tasks/"+task, nil), "result", "url").(string)
	get := func(link string) (int, []object) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var channels []object
		if resp.StatusCode == http.StatusOK {
			if err := json.NewDecoder(resp.Body).Decode(&channels); err != nil {
				t.Fatal(err)
			}
		}
		return resp.StatusCode, channels
	}
	_, channels := get(link)
	if len(channels) != 2 || at(t, channels[0], "channel", "cid") != "messaging:one" ||
		listOf(t, channels[1]["members"], "user_id") != "alice bob" || listOf(t, channels[1]["messages"], "text") != "hello" {
		t.Errorf("the export is %v", channels)
	}
	if status, _ := get(strings.Replace(link, "of=", "of=A", 1)); status != http.StatusUnauthorized {
		t.Errorf("a changed link answers %d", status)
	}
	c.ok("DELETE", room, nil)
	if status, channels := get(link); status != http.StatusOK || len(channels) != 0 {
		t.Errorf("once the channel is gone, the link answers %d %v", status, channels)
	}
	c.refused("POST", "/api/v2/chat/export_channels", object{"channels": []object{{"cid": "messaging:one"}}}, 404, 16)
	c.refused("POST", "/api/v2/chat/export_channels", object{"channels": []object{}}, 400, 4)
}
