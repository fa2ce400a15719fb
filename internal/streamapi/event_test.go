package streamapi_test

import (
	"strings"
	"testing"
)

func TestEventsOfOnesOwn(t *testing.T) { onBoth(t, eventsOfOnesOwn) }

func eventsOfOnesOwn(t *testing.T, c *client) {
	room := c.room("one", "alice")
	sent := at(t, c.ok("POST", room+"/event", object{"event": object{"type": "wave", "user_id": "alice", "custom": object{"hand": "left"}}}), "event")
	if at(t, sent, "type") != "wave" || at(t, sent, "custom", "hand") != "left" || at(t, sent, "user", "id") != "alice" || at(t, sent, "cid") != "messaging:one" {
		t.Errorf("the answer is %v", sent)
	}
	const user = "/api/v2/chat/users/"
	c.ok("POST", user+"alice/event", object{"event": object{"type": "friend", "custom": object{"from": "bob"}}})
	c.ok("POST", user+"alice/event", object{"event": object{"type": "friend"}})
	c.refused("POST", user+"nobody/event", object{"event": object{"type": "friend"}}, 404, codeMissing)
	c.refused("POST", "/api/v2/chat/channels/messaging/none/event", object{"event": object{"type": "wave", "user_id": "alice"}}, 404, codeMissing)
	for name, event := range map[string]object{
		"without a type":         {"custom": object{}},
		"of the chat's own kind": {"type": "message.new"},
		"with too long a type":   {"type": strings.Repeat("x", 256)},
		"with NUL in the type":   {"type": "a\x00"},
		"with too much":          {"type": "x", "custom": object{"a": strings.Repeat("x", 6000)}},
	} {
		t.Run(name, func(*testing.T) {
			c.refused("POST", user+"alice/event", object{"event": event}, 400, codeInput)
			event["user_id"] = "alice"
			c.refused("POST", room+"/event", object{"event": event}, 400, codeInput)
		})
	}
	c.ok("PUT", "/api/v2/chat/channeltypes/messaging", object{"custom_events": false, "max_message_length": 5000, "automod": "disabled", "automod_behavior": "flag"})
	c.refused("POST", room+"/event", object{"event": object{"type": "wave", "user_id": "alice"}}, 400, 19)
	c.ok("POST", room+"/event", object{"event": object{"type": "typing.start", "user_id": "alice"}})
}
