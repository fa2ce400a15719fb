package streamapi_test

import (
	"fmt"
	"testing"
)

// batch does something to channels and returns what its task says of each.
func (c *client) batch(body object) object {
	c.t.Helper()
	task := c.ok("PUT", "/api/v2/chat/channels/batch", body)["task_id"].(string)
	return at(c.t, c.ok("GET", "/api/v2/tasks/"+task, nil), "result").(object)
}

func TestBatches(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob", "cyd")
		for _, id := range []string{"one", "two", "three"} {
			c.channelOfAnn(id)
		}
		two := object{"cids": object{"$in": []string{"messaging:one", "messaging:two", "messaging:nine"}}}
		bob := []any{object{"user_id": "bob"}}
		do := func(operation string, rest object) object {
			t.Helper()
			body := object{"operation": operation, "filter": two}
			for name, value := range rest {
				body[name] = value
			}
			return c.batch(body)
		}
		role := func(channel string) any {
			t.Helper()
			list := at(t, c.ok("GET", "/api/v2/chat/members?payload="+
				fmt.Sprintf(`{"type":"messaging","id":%q,"filter_conditions":{"id":"bob"}}`, channel), nil), "members").([]any)
			if len(list) == 0 {
				return nil
			}
			return at(t, list[0], "channel_role")
		}
		if result := do("addMembers", object{"members": bob}); len(result) != 2 || at(t, result, "messaging:one", "status") != "ok" {
			t.Errorf("the task says %v", result)
		}
		if a, b := role("two"), role("three"); a != "channel_member" || b != nil {
			t.Errorf("bob is %v in a channel that was asked for, and %v elsewhere", a, b)
		}
		do("addModerators", object{"members": bob})
		if got := role("one"); got != "channel_moderator" {
			t.Errorf("a moderator is %v", got)
		}
		do("demoteModerators", object{"members": bob})
		if got := role("one"); got != "channel_member" {
			t.Errorf("who was a moderator is %v", got)
		}
		do("assignRoles", object{"members": []any{object{"user_id": "bob", "channel_role": "channel_moderator"}}})
		if got := role("one"); got != "channel_moderator" {
			t.Errorf("who was given a role is %v", got)
		}

		found := func(filter object) int {
			t.Helper()
			return len(at(t, c.ok("POST", "/api/v2/chat/channels", object{"filter_conditions": filter, "user_id": "bob"}), "channels").([]any))
		}
		do("hide", object{"members": bob})
		if got := found(object{"members": "bob"}); got != 0 {
			t.Errorf("bob sees %d channels that were hidden", got)
		}
		do("show", object{"members": bob})
		do("archive", object{"members": bob})
		if got := found(object{"archived": true}); got != 2 {
			t.Errorf("bob has %d archived channels, want 2", got)
		}
		do("unarchive", object{"members": bob})
		if got := found(object{"archived": true}); got != 0 {
			t.Errorf("bob still has %d archived channels", got)
		}
		result := c.batch(object{"operation": "archive", "filter": object{"cids": "messaging:three"}, "members": bob})
		if at(t, result, "messaging:three", "status") != "error" {
			t.Errorf("of a channel that bob is no member of, the task says %v", result)
		}
		do("removeMembers", object{"members": bob})
		if got := role("one"); got != nil {
			t.Errorf("who was removed is %v", got)
		}
		do("inviteMembers", object{"members": bob})
		if got := found(object{"invite": "pending"}); got != 2 {
			t.Errorf("bob has %d invitations, want 2", got)
		}

		c.batch(object{"operation": "updateData", "filter": object{"types": object{"$in": []string{"messaging"}}},
			"data": object{"frozen": true, "team": "blue", "custom": object{"name": "Renamed", "colour": "red"}}})
		for _, id := range []string{"one", "three"} {
			got := at(t, c.ok("GET", "/api/v2/chat/channels/messaging/"+id, nil), "channel")
			if at(t, got, "frozen") != true || at(t, got, "team") != "blue" || at(t, got, "custom", "name") != "Renamed" || at(t, got, "custom", "colour") != "red" {
				t.Errorf("the channel %s is %v", id, got)
			}
		}
	})
}

func TestRefusedBatches(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	c.channelOfAnn("one")
	all, ann := object{"types": "messaging"}, []any{object{"user_id": "ann"}}
	for _, row := range []struct {
		name string
		body object
	}{
		{"of all channels", object{"operation": "addMembers", "filter": object{}, "members": ann}},
		{"of nobody", object{"operation": "addMembers", "filter": all}},
		{"to do something else", object{"operation": "explode", "filter": all, "members": ann}},
		{"to set nothing", object{"operation": "updateData", "filter": all}},
		{"to translate", object{"operation": "updateData", "filter": all, "data": object{"auto_translation_enabled": true}}},
		{"by a field in no order", object{"operation": "addMembers", "filter": object{"frozen": object{"$gt": 3}}, "members": ann}},
	} {
		t.Run(row.name, func(*testing.T) { c.refused("PUT", "/api/v2/chat/channels/batch", row.body, 400, 4) })
	}
}
