package streamapi_test

import (
	"net/http"
	"net/url"
	"testing"
)

const messageEntity, userEntity = "stream:chat:v1:message", "stream:user"

func (c *client) says(channel, id, user, text string) {
	c.t.Helper()
	c.ok("POST", channel+"/message", object{"message": object{"id": id, "user_id": user, "text": text}})
}

func (c *client) messageFlags(payload string) []any {
	c.t.Helper()
	return at(c.t, c.ok("GET", "/api/v2/chat/moderation/flags/message?payload="+url.QueryEscape(payload), nil), "flags").([]any)
}

func TestFlags(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		c.users("ann", "bob", "cyd")
		one, two := c.channelOfAnn("one"), c.channelOfAnn("two")
		c.says(one, "m1", "ann", "rude")
		c.says(two, "m2", "ann", "ruder")
		flag := func(kind, id, by, reason string) any {
			t.Helper()
			return c.ok("POST", "/api/v2/moderation/flag",
				object{"entity_type": kind, "entity_id": id, "user_id": by, "reason": reason, "custom": object{"from": "app"}})["item_id"]
		}
		first := flag(messageEntity, "m1", "bob", "spam")
		if other := flag(messageEntity, "m1", "cyd", "spam"); first == "" || other != first {
			t.Errorf("two flags of a message are of the items %v and %v", first, other)
		}
		if again := flag(messageEntity, "m1", "bob", "insult"); again != first {
			t.Errorf("a second flag of one user is of the item %v, want %v", again, first)
		}
		if other := flag(messageEntity, "m2", "bob", ""); other == first {
			t.Error("flags of two messages are of one item")
		}
		flag(userEntity, "ann", "bob", "rude")

		for filter, want := range map[string]int{
			`{}`: 3,
			`{"filter_conditions":{"channel_cid":"messaging:one"}}`:               2,
			`{"filter_conditions":{"user_id":"bob"}}`:                             2,
			`{"filter_conditions":{"user_id":"bob","reason":"insult"}}`:           1,
			`{"filter_conditions":{"message_id":{"$in":["m2"]}}}`:                 1,
			`{"filter_conditions":{"is_reviewed":true}}`:                          0,
			`{"filter_conditions":{"created_at":{"$gt":"2020-01-01T00:00:00Z"}}}`: 3,
			`{"limit":1,"offset":2}`:                                              1,
			`{"filter_conditions":{"channel_cid":"messaging:elsewhere"}}`:         0,
		} {
			if got := len(c.messageFlags(filter)); got != want {
				t.Errorf("%s finds %d flags, want %d", filter, got, want)
			}
		}
		shown := c.messageFlags(`{"filter_conditions":{"user_id":"bob","channel_cid":"messaging:one"}}`)[0]
		if at(t, shown, "message", "id") != "m1" || at(t, shown, "user", "id") != "bob" || at(t, shown, "reason") != "insult" ||
			at(t, shown, "custom", "from") != "app" {
			t.Errorf("a flag is shown as %v", shown)
		}
		all := c.ok("POST", "/api/v2/moderation/flags", object{"filter": object{"entity_creator_id": "ann"}, "limit": 3})
		if len(at(t, all, "flags").([]any)) != 3 || all["next"] == nil {
			t.Errorf("a page of the flags is %v", all)
		}
		ofUser := at(t, c.ok("POST", "/api/v2/moderation/flags", object{"filter": object{"entity_type": userEntity}}), "flags").([]any)
		if len(ofUser) != 1 || at(t, ofUser[0], "entity_id") != "ann" || at(t, ofUser[0], "user", "id") != "bob" {
			t.Errorf("the flags of users are %v", ofUser)
		}
		for kind, want := range map[string]float64{"": 4, messageEntity: 3, userEntity: 1} {
			if got := c.ok("POST", "/api/v2/moderation/flag_count", object{"entity_creator_id": "ann", "entity_type": kind})["count"]; got != want {
				t.Errorf("%q: %v flags against ann, want %v", kind, got, want)
			}
		}

		c.ok("POST", "/api/v2/moderation/unflag", object{"entity_type": messageEntity, "entity_id": "m1", "user_id": "cyd"})
		c.refused("POST", "/api/v2/moderation/unflag", object{"entity_type": messageEntity, "entity_id": "m1", "user_id": "cyd"}, 404, 16)
		c.ok("DELETE", "/api/v2/chat/messages/m1", nil)
		if got := len(c.messageFlags(`{}`)); got != 1 {
			t.Errorf("with one message deleted there are %d flags, want 1", got)
		}
		if got := len(c.messageFlags(`{"show_deleted_messages":true}`)); got != 2 {
			t.Errorf("with its flags there are %d, want 2", got)
		}
		c.ok("DELETE", "/api/v2/chat/messages/m1?hard=true", nil)
		c.ok("DELETE", two, nil)
		if got := len(c.messageFlags(`{"show_deleted_messages":true}`)); got != 0 {
			t.Errorf("what is gone for good still has %d flags", got)
		}
	})
}

// Each row is a flag that is refused.
func TestRefusedFlags(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	c.says(c.channelOfAnn("one"), "m1", "ann", "rude")
	for _, row := range []struct {
		name         string
		body         object
		status, code int
	}{
		{"of a message that isn't there", object{"entity_type": messageEntity, "entity_id": "m9", "user_id": "ann"}, http.StatusNotFound, 16},
		{"of a user that isn't there", object{"entity_type": userEntity, "entity_id": "bob", "user_id": "ann"}, http.StatusNotFound, 16},
		{"of something else", object{"entity_type": "stream:feeds:v2:activity", "entity_id": "m1", "user_id": "ann"}, 400, 4},
		{"of nothing", object{"entity_type": messageEntity, "user_id": "ann"}, 400, 4},
		{"by nobody", object{"entity_type": messageEntity, "entity_id": "m1"}, 400, 4},
		{"of a content of its own", object{"entity_type": messageEntity, "entity_id": "m1", "user_id": "ann", "moderation_payload": object{"texts": []string{"x"}}}, 400, 4},
	} {
		t.Run(row.name, func(*testing.T) { c.refused("POST", "/api/v2/moderation/flag", row.body, row.status, row.code) })
	}
	c.ok("PATCH", "/api/v2/app", object{"allowed_flag_reasons": []string{"spam"}})
	c.refused("POST", "/api/v2/moderation/flag", object{"entity_type": messageEntity, "entity_id": "m1", "user_id": "ann", "reason": "insult"}, 400, 4)
	c.ok("POST", "/api/v2/moderation/flag", object{"entity_type": messageEntity, "entity_id": "m1", "user_id": "ann", "reason": "spam"})
	c.refused("GET", "/api/v2/chat/moderation/flags/message?payload="+url.QueryEscape(`{"filter_conditions":{"is_reviewed":3}}`), nil, 400, 4)
}
