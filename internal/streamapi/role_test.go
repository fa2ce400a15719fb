package streamapi_test

import (
	"strings"
	"testing"
)

func TestRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		const roles = "/api/v2/roles"
		c.users("alice", "bob")
		made := at(t, c.ok("POST", roles, object{"name": "agent"}), "role")
		if at(t, made, "name") != "agent" || at(t, made, "custom") != true {
			t.Errorf("made %v", made)
		}
		var names []string
		for _, r := range at(t, c.ok("GET", roles, nil), "roles").([]any) {
			if at(t, r, "name") == "user" && (at(t, r, "custom") != false || at(t, r, "scopes", 0) != ".app") {
				t.Errorf("the role user is %v", r)
			}
			names = append(names, at(t, r, "name").(string))
		}
		if got := strings.Join(names, " "); got !=
			"admin agent anonymous channel_member channel_moderator global_admin global_moderator guest moderator user" {
			t.Errorf("there are the roles %s", got)
		}

		c.refused("POST", "/api/v2/users", object{"users": object{"alice": object{"id": "alice", "role": "boss"}}}, 400, codeInput)
		c.refused("PATCH", "/api/v2/users", object{"users": []any{object{"id": "alice", "set": object{"role": "boss"}}}}, 400, codeInput)
		c.refused("PATCH", "/api/v2/users", object{"users": []any{object{"id": "alice", "set": object{"teams_role": object{"red": "boss"}}}}}, 400, codeInput)
		changed := c.ok("PATCH", "/api/v2/users", object{"users": []any{object{"id": "alice", "set": object{"role": "agent"}}}})
		if role := at(t, changed, "users", "alice", "role"); role != "agent" {
			t.Errorf("alice has the role %v", role)
		}
		c.ok("POST", "/api/v2/chat/channels/team/a/query", object{"data": object{"created_by_id": "alice",
			"members": []any{object{"user_id": "alice", "channel_role": "agent"}, object{"user_id": "bob"}}}})
		const member = "/api/v2/chat/channels/team/a/member?user_id="
		c.refused("PATCH", member+"bob", object{"set": object{"channel_role": "boss"}}, 400, codeInput)
		c.refused("POST", "/api/v2/chat/channels/team/b/query", object{"data": object{"created_by_id": "alice",
			"members": []any{object{"user_id": "alice", "channel_role": "boss"}}}}, 400, codeInput)
		if role := at(t, c.ok("PATCH", member+"bob", object{"set": object{"channel_role": "agent"}}), "channel_member", "channel_role"); role != "agent" {
			t.Errorf("bob has the role %v", role)
		}

		c.refused("DELETE", roles+"/agent", nil, 400, codeInput) // alice has it
		c.ok("PATCH", "/api/v2/users", object{"users": []any{object{"id": "alice", "unset": []string{"role"}}}})
		c.ok("PUT", "/api/v2/chat/channeltypes/team", object{"grants": object{"agent": []string{"read-channel"}}})
		c.refused("DELETE", roles+"/agent", nil, 400, codeInput) // it is granted something
		c.ok("PUT", "/api/v2/chat/channeltypes/team", object{"grants": nil})
		c.ok("DELETE", roles+"/agent", nil)
		// Who has it in a channel keeps it.
		if role := at(t, c.ok("PATCH", member+"bob", object{"set": object{"a": 1}}), "channel_member", "channel_role"); role != "agent" {
			t.Errorf("bob has the role %v", role)
		}
	})
}

func TestRoleRefusals(t *testing.T) {
	c := newClient(t)
	c.ok("POST", "/api/v2/roles", object{"name": "agent"})
	for _, row := range []struct {
		name         string
		method, path string
		body         object
		status, code int
	}{
		{"a role that is there", "POST", "/api/v2/roles", object{"name": "agent"}, 400, codeInput},
		{"a role that is built in", "POST", "/api/v2/roles", object{"name": "user"}, 400, codeInput},
		{"a role without a name", "POST", "/api/v2/roles", object{}, 400, codeInput},
		{"a name that is too long", "POST", "/api/v2/roles", object{"name": strings.Repeat("x", 65)}, 400, codeInput},
		{"deleting what is built in", "DELETE", "/api/v2/roles/user", nil, 400, codeInput},
		{"deleting a role that isn't there", "DELETE", "/api/v2/roles/nobody", nil, 404, codeMissing},
		{"a permission that isn't there", "GET", "/api/v2/permissions/fly", nil, 404, codeMissing},
	} {
		t.Run(row.name, func(t *testing.T) {
			here := *c
			here.t = t
			here.refused(row.method, row.path, row.body, row.status, row.code)
		})
	}
	for i := range 24 {
		c.ok("POST", "/api/v2/roles", object{"name": "agent" + strings.Repeat("x", i+1)})
	}
	c.refused("POST", "/api/v2/roles", object{"name": "one-more"}, 400, codeInput)
}

func TestPermissions(t *testing.T) {
	c := newClient(t)
	p := at(t, c.ok("GET", "/api/v2/permissions/create-message-owner", nil), "permission")
	if at(t, p, "action") != "CreateMessage" || at(t, p, "owner") != true || at(t, p, "level") != "channel" {
		t.Errorf("the permission is %v", p)
	}
	if p = at(t, c.ok("GET", "/api/v2/permissions/search-user", nil), "permission"); at(t, p, "level") != "app" || at(t, p, "owner") != false {
		t.Errorf("the permission is %v", p)
	}
	if list := at(t, c.ok("GET", "/api/v2/permissions", nil), "permissions").([]any); len(list) < 40 {
		t.Errorf("there are %d permissions", len(list))
	}
}
