package streamapi_test

import "testing"

// What no CRM needs is not there: a call of it is answered as one of an endpoint that
// never was.
func TestUnavailableEndpoints(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	c.channelOf("a", "ann")
	c.say("a", "ann", "m")
	for _, row := range [][2]string{
		{"POST", "/api/v2/polls"}, {"PUT", "/api/v2/polls"}, {"GET", "/api/v2/polls/p"}, {"POST", "/api/v2/polls/query"},
		{"POST", "/api/v2/polls/p/options"}, {"POST", "/api/v2/polls/p/votes"}, {"POST", "/api/v2/chat/messages/m/polls/p/vote"},
		{"GET", "/api/v2/users/live_locations"}, {"PUT", "/api/v2/users/live_locations"},
		{"POST", "/api/v2/chat/channels/messaging/a/draft"}, {"GET", "/api/v2/chat/channels/messaging/a/draft"},
		{"DELETE", "/api/v2/chat/channels/messaging/a/draft"}, {"POST", "/api/v2/chat/drafts/query"},
		{"POST", "/api/v2/chat/messages/m/reminders"}, {"PATCH", "/api/v2/chat/messages/m/reminders"},
		{"DELETE", "/api/v2/chat/messages/m/reminders"}, {"POST", "/api/v2/chat/reminders/query"},
		{"GET", "/api/v2/usergroups"}, {"POST", "/api/v2/usergroups"}, {"GET", "/api/v2/usergroups/g"}, {"POST", "/api/v2/usergroups/g/members"},
		{"POST", "/api/v2/chat/stats/team_usage"},
		{"GET", "/api/v2/chat/commands"}, {"POST", "/api/v2/chat/commands"}, {"PUT", "/api/v2/chat/commands/ban"},
		{"GET", "/api/v2/devices"}, {"POST", "/api/v2/devices"}, {"DELETE", "/api/v2/devices"},
		{"POST", "/api/v2/check_sqs"}, {"POST", "/api/v2/check_sns"}, {"POST", "/api/v2/check_push"},
		{"GET", "/api/v2/rate_limits"}, {"POST", "/api/v2/chat/messages/m/commit"},
		{"POST", "/api/v2/chat/nothing"},
	} {
		var body any
		if row[0] != "GET" && row[0] != "DELETE" {
			body = object{}
		}
		c.refused(row[0], row[1], body, 404, codeMissing)
	}
}

// A message that asks for what isn't there is refused, so that nobody takes it for
// something that it isn't.
func TestUnavailableMessages(t *testing.T) {
	c := newClient(t)
	c.users("ann")
	c.channelOf("a", "ann")
	message := func(field string, value any) object {
		return object{"message": object{"id": "m", "text": "hi", "user_id": "ann", field: value}}
	}
	pending := message("silent", false)
	pending["pending"] = true
	for _, body := range []object{
		pending,
		message("restricted_visibility", []string{"ann"}),
		message("poll_id", "p"),
		message("shared_location", object{"latitude": 1, "longitude": 2, "created_by_device_id": "phone"}),
	} {
		c.refused("POST", "/api/v2/chat/channels/messaging/a/message", body, 400, codeInput)
	}
	c.refused("GET", "/api/v2/chat/messages/m", nil, 404, codeMissing)
}
