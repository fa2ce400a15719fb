package streamapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	codeAuth    = 5
	codeDenied  = 17
	codeRevoked = 40
)

// usersFound are the ids of the users that a query for those ids gives.
func (c *client) usersFound(extra object, ids ...string) map[string]bool {
	c.t.Helper()
	payload := object{"filter_conditions": object{"id": object{"$in": ids}}}
	for k, v := range extra {
		payload[k] = v
	}
	found := map[string]bool{}
	for _, u := range at(c.t, c.get("/api/v2/users", payload), "users").([]any) {
		found[u.(object)["id"].(string)] = true
	}
	return found
}

// get makes a request with a payload in its query.
func (c *client) get(path string, payload object) object {
	c.t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.ok("GET", path+"?payload="+url.QueryEscape(string(text)), nil)
}

// finished makes a request that must answer with a task, and returns its result.
func (c *client) finished(path string, body object) object {
	c.t.Helper()
	task := c.ok("GET", "/api/v2/tasks/"+c.ok("POST", path, body)["task_id"].(string), nil)
	if task["status"] != "completed" {
		c.t.Fatalf("the task is %v", task)
	}
	return task["result"].(object)
}

func (c *client) channelOf(id string, members ...string) {
	c.t.Helper()
	list := make([]object, len(members))
	for i, m := range members {
		list[i] = object{"user_id": m}
	}
	c.ok("POST", "/api/v2/chat/channels/messaging/"+id+"/query", object{"data": object{"created_by_id": members[0], "members": list}})
}

func (c *client) say(channel, user, text string) string {
	c.t.Helper()
	answer := c.ok("POST", "/api/v2/chat/channels/messaging/"+channel+"/message", object{"message": object{"text": text, "user_id": user}})
	return at(c.t, answer, "message", "id").(string)
}

func TestUserLives(t *testing.T) { onBoth(t, userLives) }

func userLives(t *testing.T, c *client) {
	c.users("ann", "bob", "cid")
	c.channelOf("a", "ann", "bob")
	first := c.say("a", "bob", "hello")

	// Deactivated: not in lists, unable to act, and back with everything.
	c.ok("POST", "/api/v2/users/bob/deactivate", object{"mark_messages_deleted": true})
	c.refused("POST", "/api/v2/users/bob/deactivate", object{}, 400, codeInput)
	c.refused("POST", "/api/v2/users/nobody/deactivate", object{}, 404, codeMissing)
	if got := c.usersFound(nil, "ann", "bob"); got["bob"] || !got["ann"] {
		t.Errorf("after bob's deactivation: %v", got)
	}
	if got := c.usersFound(object{"include_deactivated_users": true}, "bob"); !got["bob"] {
		t.Error("bob can't be found among the deactivated")
	}
	c.refused("POST", "/api/v2/chat/channels/messaging/a/message", object{"message": object{"text": "x", "user_id": "bob"}}, 403, codeDenied)
	if m := at(t, c.ok("GET", "/api/v2/chat/messages/"+first, nil), "message"); at(t, m, "deleted_at") == nil || at(t, m, "text") != "" {
		t.Errorf("the deactivated user's message still says %v", m)
	}
	c.ok("POST", "/api/v2/users/bob/reactivate", object{"restore_messages": true, "name": "Bobby"})
	if m := at(t, c.ok("GET", "/api/v2/chat/messages/"+first, nil), "message"); at(t, m, "text") != "hello" || at(t, m, "user", "name") != "Bobby" {
		t.Errorf("the reactivated user's message says %v", m)
	}
	result := c.finished("/api/v2/users/deactivate", object{"user_ids": []string{"bob", "nobody"}})
	if at(t, result, "bob", "status") != "ok" || at(t, result, "nobody", "status") != "error" {
		t.Errorf("deactivating two gave %v", result)
	}
	c.finished("/api/v2/users/reactivate", object{"user_ids": []string{"bob"}})
	c.say("a", "bob", "back")

	// Deleted softly: gone from channels, able to come back.
	c.finished("/api/v2/users/delete", object{"user_ids": []string{"bob"}})
	if got := c.usersFound(object{"include_deactivated_users": true}, "bob"); got["bob"] {
		t.Error("a deleted user shows")
	}
	c.refused("POST", "/api/v2/users", object{"users": object{"bob": object{"id": "bob"}}}, 400, codeInput)
	c.refused("PATCH", "/api/v2/users", object{"users": []object{{"id": "bob", "set": object{"name": "x"}}}}, 400, codeInput)
	c.refused("POST", "/api/v2/chat/channels/messaging/a/message", object{"message": object{"text": "x", "user_id": "bob"}}, 400, codeInput)
	if m := at(t, c.ok("GET", "/api/v2/chat/messages/"+first, nil), "message"); at(t, m, "text") != "hello" {
		t.Errorf("the message of a softly deleted user says %v", m)
	}
	c.ok("POST", "/api/v2/users/restore", object{"user_ids": []string{"bob"}})
	c.refused("POST", "/api/v2/users/restore", object{"user_ids": []string{"bob"}}, 404, codeMissing)
	if got := c.usersFound(nil, "bob"); !got["bob"] {
		t.Error("a restored user doesn't show")
	}

	// Deleted permanently, with all its messages.
	c.refused("POST", "/api/v2/users/delete", object{"user_ids": []string{"bob"}, "user": "hard"}, 400, codeInput)
	c.refused("POST", "/api/v2/users/delete", object{"user_ids": []string{"bob"}, "user": "gently"}, 400, codeInput)
	c.refused("POST", "/api/v2/users/delete", object{"user_ids": []string{}}, 400, codeInput)
	c.channelOf("pair", "bob", "cid")
	c.channelOf("many", "bob", "cid", "ann")
	for range 205 {
		c.say("many", "bob", "secret")
	}
	result = c.finished("/api/v2/users/delete", object{"user_ids": []string{"bob"}, "user": "hard", "messages": "hard", "conversations": "hard"})
	if at(t, result, "bob", "status") != "ok" {
		t.Errorf("deleting bob gave %v", result)
	}
	c.refused("GET", "/api/v2/chat/messages/"+first, nil, 404, codeMissing)
	c.refused("GET", "/api/v2/users/bob/export", nil, 404, codeMissing)
	state := c.ok("POST", "/api/v2/chat/channels/messaging/many/query", object{})
	if messages := at(t, state, "messages").([]any); len(messages) != 0 {
		t.Errorf("%d messages of a deleted user are left", len(messages))
	}
	if members := at(t, state, "members").([]any); len(members) != 2 || at(t, state, "channel", "created_by", "id") != "deleted-user" {
		t.Errorf("the channel is %v with %d members", at(t, state, "channel"), len(members))
	}
	if channels := at(t, c.ok("POST", "/api/v2/chat/channels", object{"filter_conditions": object{"id": "pair"}}), "channels").([]any); len(channels) != 0 {
		t.Error("a conversation with a deleted user is left")
	}
	c.users("bob") // the id is free again
	if again := at(t, c.ok("GET", "/api/v2/users/bob/export", nil), "messages").([]any); len(again) != 0 {
		t.Errorf("a new user has %d messages of an old one", len(again))
	}
}

func TestModeration(t *testing.T) { onBoth(t, moderation) }

func moderation(t *testing.T, c *client) {
	c.users("ann", "bob", "cid")
	c.channelOf("a", "ann", "bob")
	const ban, unban = "/api/v2/moderation/ban", "/api/v2/moderation/unban"
	bans := func(filter object) []any {
		return at(t, c.get("/api/v2/chat/query_banned_users", object{"filter_conditions": filter}), "bans").([]any)
	}
	c.ok("POST", ban, object{"target_user_id": "bob", "banned_by_id": "ann", "reason": "spam", "timeout": 60})
	list := bans(object{"user_id": object{"$eq": "bob"}})
	if len(list) != 1 || at(t, list, 0, "reason") != "spam" || at(t, list, 0, "expires") == nil || at(t, list, 0, "banned_by", "id") != "ann" {
		t.Errorf("the bans are %v", list)
	}
	if u := at(t, c.get("/api/v2/users", object{"filter_conditions": object{"banned": true}}), "users", 0); at(t, u, "id") != "bob" {
		t.Errorf("the banned user is %v", u)
	}
	c.ok("POST", unban+"?target_user_id=bob", object{})
	if list := bans(object{"user_id": "bob"}); len(list) != 0 {
		t.Errorf("after lifting it: %v", list)
	}
	c.ok("POST", ban, object{"target_user_id": "bob", "banned_by_id": "ann", "channel_cid": "messaging:a", "shadow": true})
	if list := bans(object{"channel_cid": "messaging:a"}); len(list) != 1 || at(t, list, 0, "shadow") != true || at(t, list, 0, "channel", "id") != "a" {
		t.Errorf("the channel's bans are %v", list)
	}
	c.ok("POST", ban, object{"target_user_id": "bob", "banned_by_id": "ann", "channel_cid": "messaging:a"})
	if list := bans(object{"channel_cid": "messaging:a"}); len(list) != 1 || at(t, list, 0, "shadow") != false {
		t.Errorf("a ban did not take the place of a shadow ban: %v", list)
	}
	c.ok("POST", unban+"?target_user_id=bob&channel_cid=messaging:a", object{})
	said := c.say("a", "bob", "spam")
	c.ok("POST", ban, object{"target_user_id": "bob", "banned_by_id": "ann", "delete_messages": "hard"})
	c.refused("GET", "/api/v2/chat/messages/"+said, nil, 404, codeMissing)

	for _, row := range []struct {
		name         string
		body         object
		status, code int
	}{
		{"nobody does it", object{"target_user_id": "bob"}, 400, codeInput},
		{"oneself", object{"target_user_id": "ann", "banned_by_id": "ann"}, 400, codeInput},
		{"a user that isn't there", object{"target_user_id": "dan", "banned_by_id": "ann"}, 404, codeMissing},
		{"a channel that isn't there", object{"target_user_id": "bob", "banned_by_id": "ann", "channel_cid": "team:b"}, 404, codeMissing},
		{"an address", object{"target_user_id": "bob", "banned_by_id": "ann", "ip_ban": true}, 400, codeInput},
		{"for less than no time", object{"target_user_id": "bob", "banned_by_id": "ann", "timeout": -1}, 400, codeInput},
	} {
		t.Run(row.name, func(t *testing.T) {
			here := *c
			here.t = t
			here.refused("POST", ban, row.body, row.status, row.code)
		})
	}

	muted := c.ok("POST", "/api/v2/moderation/mute", object{"target_ids": []string{"bob", "dan"}, "user_id": "cid", "timeout": 5})
	if at(t, muted, "mutes", 0, "target", "id") != "bob" || at(t, muted, "mutes", 0, "expires") == nil || at(t, muted, "non_existing_users", 0) != "dan" {
		t.Errorf("muting gave %v", muted)
	}
	shown := c.get("/api/v2/users", object{"filter_conditions": object{"id": "cid"}})
	if at(t, shown, "users", 0, "mutes", 0, "target", "id") != "bob" {
		t.Errorf("the muting user is %v", shown)
	}
	c.ok("POST", "/api/v2/moderation/unmute", object{"target_ids": []string{"bob"}, "user_id": "cid"})
	c.refused("POST", "/api/v2/moderation/mute", object{"target_ids": []string{"cid"}, "user_id": "cid"}, 400, codeInput)
	c.refused("POST", "/api/v2/moderation/mute", object{"target_ids": []string{"bob"}}, 400, codeInput)

	c.ok("POST", "/api/v2/users/block", object{"blocked_user_id": "bob", "user_id": "cid"})
	blocks := c.ok("GET", "/api/v2/users/block?user_id=cid", nil)
	if at(t, blocks, "blocks", 0, "blocked_user", "id") != "bob" {
		t.Errorf("the blocks are %v", blocks)
	}
	c.ok("POST", "/api/v2/users/unblock", object{"blocked_user_id": "bob", "user_id": "cid"})
	if left := at(t, c.ok("GET", "/api/v2/users/block?user_id=cid", nil), "blocks").([]any); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	c.refused("POST", "/api/v2/users/block", object{"blocked_user_id": "dan", "user_id": "cid"}, 404, codeMissing)
}

func TestUnreadMessages(t *testing.T) { onBoth(t, unreadMessages) }

func unreadMessages(t *testing.T, c *client) {
	c.users("ann", "bob")
	c.channelOf("a", "ann", "bob")
	c.say("a", "ann", "one")
	c.say("a", "ann", "two")
	c.say("a", "bob", "mine")
	got := c.ok("GET", "/api/v2/chat/unread?user_id=bob", nil)
	if got["total_unread_count"] != 2.0 || at(t, got, "channels", 0, "channel_id") != "messaging:a" || at(t, got, "channel_type", 0, "unread_count") != 2.0 {
		t.Errorf("bob's unread messages: %v", got)
	}
	batch := at(t, c.ok("POST", "/api/v2/chat/unread_batch", object{"user_ids": []string{"ann", "bob"}}), "counts_by_user")
	if at(t, batch, "ann", "total_unread_count") != 1.0 || at(t, batch, "bob", "total_unread_count") != 2.0 {
		t.Errorf("the batch is %v", batch)
	}
	exported := c.finished("/api/v2/export/users", object{"user_ids": []string{"bob"}})
	if at(t, exported, "users", 0, "messages", 0, "text") != "mine" {
		t.Errorf("the export is %v", exported)
	}
}

func TestGuestsAndTheirTokens(t *testing.T) {
	c := newClient(t)
	made := c.ok("POST", "/api/v2/guest", object{"user": object{"id": "ann", "name": "Ann"}})
	if at(t, made, "user", "role") != "guest" {
		t.Errorf("made %v", made)
	}
	guest := c.withToken(made["access_token"].(string))
	guest.refused("GET", "/api/v2/users", nil, http.StatusForbidden, codeDenied) // a good token, and no server's

	c.users("bob")
	early, late := time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	bob := func(issued time.Time) *client {
		return c.withToken(sign(t, testSecret, jwt.MapClaims{"user_id": "bob", "iat": issued.Unix()}))
	}
	revoke := func(at any) {
		c.ok("PATCH", "/api/v2/users", object{"users": []object{{"id": "bob", "set": object{"revoke_tokens_issued_before": at}}}})
	}
	revoke(time.Now().Add(-10 * time.Minute).Format(time.RFC3339))
	bob(early).refused("GET", "/api/v2/users", nil, http.StatusUnauthorized, codeRevoked)
	bob(late).refused("GET", "/api/v2/users", nil, http.StatusForbidden, codeDenied)
	c.withToken(sign(t, testSecret, jwt.MapClaims{"user_id": "bob"})).refused("GET", "/api/v2/users", nil, http.StatusUnauthorized, codeRevoked)
	revoke(nil)
	bob(early).refused("GET", "/api/v2/users", nil, http.StatusForbidden, codeDenied)
	c.withToken(sign(t, testSecret, jwt.MapClaims{"user_id": "nobody"})).refused("GET", "/api/v2/users", nil, http.StatusUnauthorized, codeAuth)
}

// The path of a request may hold any user id, with its characters escaped or not.
func TestOddUserIDsInPaths(t *testing.T) {
	c := newClient(t)
	for _, id := range []string{"google-oauth2|1137", "jo+test@crm.example", "_-@.+|:=~#!'*$&"} {
		for _, path := range []string{url.PathEscape(id), url.QueryEscape(id)} {
			c.ok("POST", "/api/v2/users", object{"users": object{id: object{"id": id}}})
			c.ok("POST", "/api/v2/users/"+path+"/deactivate", object{})
			if c.usersFound(nil, id)[id] {
				t.Errorf("%s as %s: still active", id, path)
			}
			c.ok("POST", "/api/v2/users/"+path+"/reactivate", object{})
			if !c.usersFound(nil, id)[id] {
				t.Errorf("%s as %s: not active again", id, path)
			}
		}
	}
}
