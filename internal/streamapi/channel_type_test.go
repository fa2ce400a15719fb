package streamapi_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	codeInput     = 4
	codeMissing   = 16
	codeSwitchOff = 19
	codeTooLong   = 20
)

func TestChannelTypes(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	const types = "/api/v2/chat/channeltypes"

	five := at(t, c.ok("GET", types, nil), "channel_types").(object)
	if len(five) != 5 || at(t, five, "livestream", "url_enrichment") != false || at(t, five, "team", "url_enrichment") != true {
		t.Errorf("the built-in types are %v", five)
	}
	made := c.ok("POST", types, object{"name": "Desk-1", "automod": "disabled", "automod_behavior": "flag", "max_message_length": 10,
		"commands": nil, "grants": object{"guest": []string{"read-channel"}}})
	if made["name"] != "Desk-1" || made["max_message_length"] != 10.0 || made["replies"] != true {
		t.Errorf("made %v", made)
	}
	if grants := at(t, made, "grants").(object); len(at(t, grants, "guest").([]any)) != 1 || grants["channel_member"] == nil {
		t.Errorf("the grants of one role replaced those of others: %v", grants)
	}
	channel := func() object {
		return c.ok("POST", "/api/v2/chat/channels/Desk-1/a/query", object{"data": object{"created_by_id": "alice"}})
	}
	if config := at(t, channel(), "channel", "config"); at(t, config, "max_message_length") != 10.0 || at(t, config, "name") != "Desk-1" {
		t.Errorf("a channel's config is %v", config)
	}
	changed := c.ok("PUT", types+"/Desk-1", object{"max_message_length": 20, "reactions": false, "count_messages": true, "grants": nil,
		"commands": []string{"all"}})
	if changed["max_message_length"] != 20.0 || changed["replies"] != true || len(at(t, changed, "commands").([]any)) != 6 {
		t.Errorf("changed to %v", changed)
	}
	if grants := at(t, changed, "grants").(object); grants["guest"] != nil {
		t.Errorf("null did not set the grants back: %v", grants)
	}
	if one := channel(); at(t, one, "channel", "config", "reactions") != false || at(t, one, "channel", "message_count") != 0.0 {
		t.Errorf("the change did not reach the channel: %v", one)
	}
	if name := at(t, c.ok("GET", types+"/Desk-1", nil), "commands", 0, "name"); name != "ban" {
		t.Errorf("the first command is %v", name)
	}
	send := func(message object) (int, object) {
		message["user_id"] = "alice"
		return c.call("POST", "/api/v2/chat/channels/Desk-1/a/message", object{"message": message})
	}
	if status, answer := send(object{"text": strings.Repeat("x", 21)}); status != 400 || answer["code"] != float64(codeTooLong) {
		t.Errorf("a text of 21 characters: %d %v", status, answer)
	}
	status, sent := send(object{"text": strings.Repeat("x", 20)})
	if status != http.StatusOK {
		t.Fatalf("a text of 20 characters: %d %v", status, sent)
	}
	c.ok("PUT", types+"/Desk-1", object{"replies": false})
	reply := object{"text": "x", "parent_id": at(t, sent, "message", "id")}
	if status, answer := send(reply); status != 400 || answer["code"] != float64(codeSwitchOff) {
		t.Errorf("a reply where none may be: %d %v", status, answer)
	}
	c.refused("DELETE", types+"/Desk-1", nil, http.StatusBadRequest, codeInput)
	c.ok("DELETE", "/api/v2/chat/channels/Desk-1/a", nil)
	c.ok("DELETE", types+"/Desk-1", nil)
	c.refused("GET", types+"/Desk-1", nil, http.StatusNotFound, codeMissing)
}

func TestChannelTypeRefusals(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	const types = "/api/v2/chat/channeltypes"
	for _, row := range []struct {
		name         string
		method, path string
		body         object
		status, code int
	}{
		{"a type that is built in", "POST", types, object{"name": "Messaging"}, 400, codeInput},
		{"a name with a colon", "POST", types, object{"name": "a:b"}, 400, codeInput},
		{"a name that is too long", "POST", types, object{"name": strings.Repeat("x", 65)}, 400, codeInput},
		{"no room for a message", "POST", types, object{"name": "a", "max_message_length": 0}, 400, codeInput},
		{"too much room for a message", "PUT", types + "/team", object{"max_message_length": 20_001}, 400, codeInput},
		{"a moderation that isn't", "PUT", types + "/team", object{"automod": "strict"}, 400, codeInput},
		{"a command that no one can type", "PUT", types + "/team", object{"commands": []string{"no space"}}, 400, codeInput},
		{"a flag that is a text", "PUT", types + "/team", object{"replies": "yes"}, 400, codeInput},
		{"a type that isn't there", "PUT", types + "/nowhere", object{}, 404, codeMissing},
		{"deleting what is built in", "DELETE", types + "/team", nil, 400, codeInput},
		{"a channel of no type", "POST", "/api/v2/chat/channels/nowhere/a/query", object{"data": object{"created_by_id": "alice"}}, 404, codeMissing},
		{"an override of what a channel can't have", "POST", "/api/v2/chat/channels/team/a/query",
			object{"data": object{"created_by_id": "alice", "config_overrides": object{"automod": "AI"}}}, 400, codeInput},
		{"an override of the wrong type", "POST", "/api/v2/chat/channels/team/a/query",
			object{"data": object{"created_by_id": "alice", "config_overrides": object{"replies": 1}}}, 400, codeInput},
	} {
		t.Run(row.name, func(t *testing.T) {
			here := *c
			here.t = t
			here.refused(row.method, row.path, row.body, row.status, row.code)
		})
	}
}
