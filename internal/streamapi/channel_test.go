package streamapi_test

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestWhoMayCall(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	rows := []struct {
		name         string
		token        string
		status, code int
	}{
		{"without a token", "", 401, 5},
		{"with rubbish", "rubbish", 401, 5},
		{"with a token of another secret", sign(t, "another secret", jwt.MapClaims{"server": true}), 401, 43},
		{"with an expired token", sign(t, testSecret, jwt.MapClaims{"server": true, "exp": 1}), 401, 40},
		{"with a token that isn't good yet", sign(t, testSecret, jwt.MapClaims{"server": true, "nbf": 99999999999}), 401, 41},
		{"with a token from the future", sign(t, testSecret, jwt.MapClaims{"server": true, "iat": 99999999999}), 401, 42},
		{"with a token of nobody", sign(t, testSecret, jwt.MapClaims{}), 401, 5},
		{"with a token of an unknown user", sign(t, testSecret, jwt.MapClaims{"user_id": "nobody"}), 401, 5},
		{"with a token of a user", sign(t, testSecret, jwt.MapClaims{"user_id": "alice"}), 403, 17},
	}
	for _, row := range rows {
		t.Run(row.name, func(*testing.T) {
			c.withToken(row.token).refused("POST", "/api/v2/chat/channels", nil, row.status, row.code)
		})
	}
	c.ok("POST", "/api/v2/chat/channels", nil)
}

func TestAPartialUpdateKeepsWhatItDoesNotName(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	c.ok("POST", "/api/v2/chat/channels/messaging/one/query", object{"data": object{
		"created_by_id": "alice", "custom": object{"name": "One", "color": "red", "deep": object{"a": 1, "b": 2}}}})
	answer := c.ok("PATCH", "/api/v2/chat/channels/messaging/one", object{
		"set": object{"name": "Two", "deep.a": 3, "frozen": true}, "unset": []string{"color"}})
	custom, _ := at(t, answer, "channel", "custom").(object)
	if custom["name"] != "Two" || custom["color"] != nil || at(t, custom, "deep", "a") != 3.0 || at(t, custom, "deep", "b") != 2.0 {
		t.Errorf("custom is %v", custom)
	}
	if at(t, answer, "channel", "frozen") != true {
		t.Error("the channel isn't frozen")
	}
	c.refused("PATCH", "/api/v2/chat/channels/messaging/none", object{"set": object{"name": "x"}}, 404, 16)
	c.refused("PATCH", "/api/v2/chat/channels/messaging/one", object{"set": object{"frozen": "maybe"}}, 400, 4)
}
