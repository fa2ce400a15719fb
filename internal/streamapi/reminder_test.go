package streamapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestReminders(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob")
		channel := c.channelOfAnn("one")
		for i := range 3 {
			c.says(channel, fmt.Sprint("m", i), "ann", "hello")
		}
		path := func(id string) string { return "/api/v2/chat/messages/" + id + "/reminders" }
		soon, later := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond), time.Now().Add(48*time.Hour)
		made := c.ok("POST", path("m0"), object{"user_id": "ann", "remind_at": later})
		if made["message_id"] != "m0" || made["user_id"] != "ann" || made["channel_cid"] != "messaging:one" || at(t, made, "message", "text") != "hello" {
			t.Errorf("a reminder is made as %v", made)
		}
		c.refused("POST", path("m0"), object{"user_id": "ann", "remind_at": later}, 400, 4)
		c.ok("POST", path("m1"), object{"user_id": "ann"})
		c.ok("POST", path("m2"), object{"user_id": "ann", "remind_at": later})
		c.ok("POST", path("m0"), object{"user_id": "bob", "remind_at": later})
		moved := at(t, c.ok("PATCH", path("m0"), object{"user_id": "ann", "remind_at": soon}), "reminder")
		if at(t, moved, "remind_at") != float64(soon.UnixNano()) {
			t.Errorf("a reminder is moved to %v, want %v", at(t, moved, "remind_at"), soon.UnixNano())
		}

		for _, row := range []struct {
			name  string
			query object
			want  string
		}{
			{"all, those without a time first", object{}, "m1 m0 m2"},
			{"the last first", object{"sort": []any{object{"field": "remind_at", "direction": -1}}}, "m2 m0 m1"},
			{"of one message", object{"filter": object{"message_id": "m2"}}, "m2"},
			{"of one channel", object{"filter": object{"channel_cid": "messaging:one"}}, "m1 m0 m2"},
			{"due by a time", object{"filter": object{"remind_at": object{"$lte": soon.Add(time.Minute)}}}, "m0"},
			{"without a time", object{"filter": object{"remind_at": nil}}, "m1"},
		} {
			row.query["user_id"] = "ann"
			if got := c.reminded(row.query); got != row.want {
				t.Errorf("%s: %s, want %s", row.name, got, row.want)
			}
		}
		page := c.ok("POST", "/api/v2/chat/reminders/query", object{"user_id": "ann", "limit": 2})
		if rest := c.reminded(object{"user_id": "ann", "limit": 2, "next": page["next"]}); rest != "m2" {
			t.Errorf("the second page has %q", rest)
		}

		c.ok("DELETE", path("m1")+"?user_id=ann", nil)
		c.refused("DELETE", path("m1")+"?user_id=ann", nil, 404, 16)
		c.refused("PATCH", path("m1"), object{"user_id": "ann", "remind_at": soon}, 404, 16)
		c.ok("DELETE", "/api/v2/chat/messages/m0?hard=true", nil)
		if got := c.reminded(object{"user_id": "ann"}); got != "m2" {
			t.Errorf("with one taken back, and one message gone, there are %q", got)
		}
		c.ok("DELETE", channel, nil)
		if got := c.reminded(object{"user_id": "ann"}); got != "" {
			t.Errorf("of a deleted channel there are %q", got)
		}
	})
}

// reminded are the messages of the reminders that a query finds.
func (c *client) reminded(query object) string {
	c.t.Helper()
	var ids []string
	for _, r := range at(c.t, c.ok("POST", "/api/v2/chat/reminders/query", query), "reminders").([]any) {
		ids = append(ids, at(c.t, r, "message_id").(string))
	}
	return strings.Join(ids, " ")
}

func TestRefusedReminders(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	channel := c.channelOfAnn("one")
	c.says(channel, "m1", "ann", "hello")
	const path = "/api/v2/chat/messages/m1/reminders"
	c.refused("POST", "/api/v2/chat/messages/m9/reminders", object{"user_id": "ann"}, 404, 16)
	c.refused("POST", path, object{}, 400, 4)
	c.refused("POST", path, object{"user_id": "ann", "remind_at": "soon"}, 400, 4)
	c.refused("POST", "/api/v2/chat/reminders/query", object{}, 400, 4)
	c.refused("POST", "/api/v2/chat/reminders/query", object{"user_id": "ann", "filter": object{"text": "x"}}, 400, 4)
	c.ok("PATCH", channel, object{"set": object{"config_overrides": object{"user_message_reminders": false}}})
	c.refused("POST", path, object{"user_id": "ann"}, 400, 19)
}
