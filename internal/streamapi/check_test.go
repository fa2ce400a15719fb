package streamapi_test

import "testing"

// Checks say that nothing comes through, since nothing is sent.
func TestChecks(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	c.says(c.channelOfAnn("one"), "m1", "ann", "hello")
	for _, path := range []string{"/api/v2/check_sqs", "/api/v2/check_sns"} {
		if got := c.ok("POST", path, object{"sqs_url": "https://sqs.example/q", "sqs_key": "k", "sqs_secret": "s"}); got["status"] != "error" || got["error"] == "" {
			t.Errorf("%s answers %v", path, got)
		}
	}
	c.ok("POST", "/api/v2/devices", object{"id": "phone", "push_provider": "apn", "user_id": "ann"})
	got := c.ok("POST", "/api/v2/check_push", object{"message_id": "m1", "user_id": "ann"})
	if at(t, got, "rendered_message", "message_id") != "m1" || at(t, got, "rendered_message", "cid") != "messaging:one" ||
		len(at(t, got, "general_errors").([]any)) != 1 || at(t, got, "device_errors", "phone", "provider") != "apn" {
		t.Errorf("a push would be %v", got)
	}
	got = c.ok("POST", "/api/v2/check_push", object{"message_id": "m1", "user_id": "ann", "skip_devices": true})
	if len(at(t, got, "device_errors").(object)) != 0 {
		t.Errorf("without devices a push would be %v", got)
	}
	c.refused("POST", "/api/v2/check_push", object{"message_id": "m9", "user_id": "ann"}, 404, 16)
	c.refused("POST", "/api/v2/check_push", object{"message_id": "m1"}, 400, 4)
	c.refused("POST", "/api/v2/check_push", object{"message_id": "m1", "user_id": "ann", "apn_template": "{}"}, 400, 4)
	c.refused("POST", "/api/v2/check_push", object{"message_id": "m1", "user_id": "ann", "event_type": "reaction.new"}, 400, 4)
}
