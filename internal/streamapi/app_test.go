package streamapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	codeDuplicate  = 6
	codeNotAllowed = 17
	codeExpired    = 40
)

func TestAppSettings(t *testing.T) {
	c := newClient(t)
	app := func() any { return at(t, c.ok("GET", "/api/v2/app", nil), "app") }
	if a := app(); at(t, a, "enforce_unique_usernames") != "no" || len(at(t, a, "event_hooks").([]any)) != 0 || at(t, a, "grants", "user") == nil {
		t.Errorf("at first the settings are %v", a)
	}
	c.ok("PATCH", "/api/v2/app", object{
		"file_upload_config": object{"size_limit": 1000, "allowed_file_extensions": []string{".pdf"}},
		"event_hooks":        []any{object{"hook_type": "webhook", "enabled": true, "webhook_url": "https://example.com/hook"}},
		"grants":             nil, "multi_tenant_enabled": false, "webhook_url": "",
	})
	a := app()
	if at(t, a, "file_upload_config", "size_limit") != 1000.0 || at(t, a, "file_upload_config", "allowed_file_extensions", 0) != ".pdf" {
		t.Errorf("the uploads' settings are %v", at(t, a, "file_upload_config"))
	}
	hook := at(t, a, "event_hooks", 0).(object)
	if hook["webhook_url"] != "https://example.com/hook" || hook["id"] == nil || hook["created_at"] == nil {
		t.Errorf("the hook is %v", hook)
	}
	c.ok("PATCH", "/api/v2/app", object{"file_upload_config": object{"size_limit": 2000}})
	if a = app(); len(at(t, a, "file_upload_config", "allowed_file_extensions").([]any)) != 0 || len(at(t, a, "event_hooks").([]any)) != 1 {
		t.Errorf("changed to %v", a)
	}
	c.ok("PATCH", "/api/v2/app", object{"event_hooks": []any{}})
	if hooks := at(t, app(), "event_hooks").([]any); len(hooks) != 0 {
		t.Errorf("the hooks stayed: %v", hooks)
	}
}

func TestAppSettingsThatCannotBe(t *testing.T) {
	c := newClient(t)
	for name, body := range map[string]object{
		"a feature that isn't there":       {"multi_tenant_enabled": true},
		"a webhook of the old kind":        {"webhook_url": "https://example.com"},
		"a kind of uniqueness that isn't":  {"enforce_unique_usernames": "yes"},
		"a kind of hook that isn't":        {"event_hooks": []any{object{"hook_type": "fax"}}},
		"a hook that leads nowhere":        {"event_hooks": []any{object{"hook_type": "webhook"}}},
		"a hook to a file":                 {"event_hooks": []any{object{"hook_type": "webhook", "webhook_url": "file:///etc/passwd"}}},
		"no hook":                          {"event_hooks": []any{nil}},
		"a limit below nothing":            {"file_upload_config": object{"size_limit": -1}},
		"a limit beyond what there can be": {"image_upload_config": object{"size_limit": 1 << 40}},
		"more than can be kept":            {"grants": object{"user": []string{strings.Repeat("x", 70_000)}}},
		"a switch that is a text":          {"guest_user_creation_disabled": "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			here := *c
			here.t = t
			here.refused("PATCH", "/api/v2/app", body, 400, codeInput)
		})
	}
}

func TestUniqueNames(t *testing.T) {
	onBoth(t, func(_ *testing.T, c *client) {
		user := func(id, name string, teams ...string) object {
			return object{"users": object{id: object{"id": id, "name": name, "teams": teams}}}
		}
		c.ok("POST", "/api/v2/users", user("a", "Ann", "red"))
		c.ok("POST", "/api/v2/users", user("b", "Ann", "blue")) // before names were unique
		c.ok("PATCH", "/api/v2/app", object{"enforce_unique_usernames": "app"})
		c.ok("POST", "/api/v2/users", user("a", "Ann", "red"))
		c.refused("POST", "/api/v2/users", user("c", "ANN"), 400, codeDuplicate)
		c.ok("POST", "/api/v2/users", user("c", "Cid"))
		c.refused("PATCH", "/api/v2/users", object{"users": []any{object{"id": "c", "set": object{"name": "Ann"}}}}, 400, codeDuplicate)
		c.ok("POST", "/api/v2/users", object{"users": object{"d": object{"id": "d"}, "e": object{"id": "e"}}}) // of no name
		c.refused("POST", "/api/v2/users", object{"users": object{
			"f": object{"id": "f", "name": "Fay"}, "g": object{"id": "g", "name": "Fay"}}}, 400, codeDuplicate)

		c.ok("PATCH", "/api/v2/app", object{"enforce_unique_usernames": "team"})
		c.ok("POST", "/api/v2/users", user("c", "Ann", "green"))
		c.refused("POST", "/api/v2/users", user("c", "Ann", "green", "blue"), 400, codeDuplicate)
	})
}

func TestRevokedTokensOfAllUsers(t *testing.T) {
	c := newClient(t)
	c.users("alice")
	revoke := time.Now().Truncate(time.Second)
	old := sign(t, testSecret, jwt.MapClaims{"user_id": "alice", "iat": revoke.Add(-time.Minute).Unix()})
	fresh := sign(t, testSecret, jwt.MapClaims{"user_id": "alice", "iat": revoke.Unix()})
	ageless := sign(t, testSecret, jwt.MapClaims{"user_id": "alice"})
	check := func(token string, code int, status int) {
		t.Helper()
		c.withToken(token).refused("GET", "/api/v2/app", nil, status, code)
	}
	check(old, codeNotAllowed, http.StatusForbidden)
	c.ok("PATCH", "/api/v2/app", object{"revoke_tokens_issued_before": revoke.Format(time.RFC3339)})
	check(old, codeExpired, http.StatusUnauthorized)
	check(ageless, codeExpired, http.StatusUnauthorized)
	check(fresh, codeNotAllowed, http.StatusForbidden) // a good token, and for servers only
	c.ok("GET", "/api/v2/app", nil)
	c.ok("PATCH", "/api/v2/app", object{"revoke_tokens_issued_before": nil})
	check(old, codeNotAllowed, http.StatusForbidden)
}

func TestNoGuests(t *testing.T) {
	c := newClient(t)
	c.ok("PATCH", "/api/v2/app", object{"guest_user_creation_disabled": true})
	c.refused("POST", "/api/v2/guest", object{"user": object{"id": "g"}}, http.StatusForbidden, codeNotAllowed)
	c.ok("PATCH", "/api/v2/app", object{"guest_user_creation_disabled": false})
	c.ok("POST", "/api/v2/guest", object{"user": object{"id": "g"}})
}
