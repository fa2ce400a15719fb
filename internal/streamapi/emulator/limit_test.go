package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backchannel/internal/streamapi/emulator"
)

// The emulator refuses what hosted Stream refuses, in Stream's form, and changes nothing then.
func TestStreamsLimits(t *testing.T) {
	t.Parallel()
	e, _ := start(t, emulator.Options{Seed: []byte(fmt.Sprintf(`{"users": [{"id": "anna", "custom": {"note": %[1]q}}, {"id": "Bob"}],
		"channels": [{"type": "team", "id": "one", "data": {"created_by_id": "anna", "custom": {"name": "One", "note": %[1]q}},
			"messages": [{"id": "m", "user_id": "anna", "text": "hello", "custom": {"note": %[1]q}}]}]}`, strings.Repeat("x", 5_000)))})
	members := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"user_id":"user%d"}`, i))
		}
		return strings.Join(list, ",")
	}
	long := func(n int) string { return strings.Repeat("y", n) }
	const (
		post, patch, put = http.MethodPost, http.MethodPatch, http.MethodPut

		one, message, users = "/api/v2/chat/channels/team/one", "/api/v2/chat/messages/m", "/api/v2/users"
	)
	for _, row := range []struct {
		name, method, path, body string
		says                     string // "" for nothing
	}{
		{"an id of Stream's alphabet", post, users, `{"users":{"a-z@0_9":{"id":"a-z@0_9"}}}`, ""},
		{"capitals", post, users, `{"users":{"Carl":{"id":"Carl"}}}`, ""},
		{"a dot in a user's id", post, users, `{"users":{"a.b":{"id":"a.b"}}}`, `user id \"a.b\"`},
		{"in a changed user's", patch, users, `{"users":[{"id":"a.b","set":{"name":"x"}}]}`, "user id"},
		{"in a sender's", post, one + "/message", `{"message":{"text":"x","user_id":"a.b"}}`, "user id"},
		{"in a sender's who is given whole", post, one + "/message", `{"message":{"text":"x","user":{"id":"a.b"}}}`, "user id"},
		{"in a mention", post, one + "/message", `{"message":{"text":"x","user_id":"anna","mentioned_users":["a.b"]}}`, "user id"},
		{"in a creator's", post, "/api/v2/chat/channels/team/two/query", `{"data":{"created_by_id":"a.b"}}`, "user id"},
		{"in a member's", post, one, `{"add_members":[{"user_id":"a.b"}]}`, "user id"},
		{"in a banned one's", post, "/api/v2/moderation/ban", `{"target_user_id":"a.b","banned_by_id":"anna"}`, "user id"},
		{"in a filter", post, "/api/v2/chat/channels", `{"filter_conditions":{"members":{"$in":["a.b"]}}}`, ""},
		{"in custom data", post, users, `{"users":{"dora":{"id":"dora","custom":{"user_id":"a.b"}}}}`, ""},
		{"attachments of 5 KB", post, one + "/message", `{"message":{"text":"x","user_id":"anna","attachments":[{"type":"x","a":"` + long(5_000) + `"}]}}`, ""},
		{"more than that together", post, one + "/message", `{"message":{"text":"x","user_id":"anna","attachments":[{"a":"` + long(2_600) + `"},{"a":"` + long(2_600) + `"}]}}`, "attachments"},
		{"more in an edit", put, message, `{"set":{"attachments":[{"a":"` + long(5_200) + `"}]},"user_id":"anna"}`, "attachments"},
		{"custom data of a channel beyond 5 KB", post, "/api/v2/chat/channels/team/two/query", `{"data":{"created_by_id":"anna","custom":{"a":"` + long(5_200) + `"}}}`, "custom data"},
		{"a change that leaves room", patch, one, `{"set":{"name":"` + long(80) + `"}}`, ""},
		{"a change that leaves none", patch, one, `{"set":{"name":"` + long(120) + `"}}`, "custom data"},
		{"a change of what isn't custom data", patch, one, `{"set":{"frozen":false}}`, ""},
		{"a user's name that leaves no room", patch, users, `{"users":[{"id":"anna","set":{"name":"` + long(200) + `"}}]}`, "custom data"},
		{"a user's role", patch, users, `{"users":[{"id":"anna","set":{"role":"admin"}}]}`, ""},
		{"a message's text", put, message, `{"set":{"text":"` + long(200) + `"},"user_id":"anna"}`, ""},
		{"a message's custom data that leaves no room", put, message, `{"set":{"mood":"` + long(200) + `"},"user_id":"anna"}`, "custom data"},
		{"what makes room", patch, one, `{"set":{"name":"` + long(200) + `"},"unset":["note"]}`, ""},
		{"101 members", post, one, `{"add_members":[` + members(101) + `]}`, "at most 100"},
	} {
		req := httptest.NewRequest(row.method, row.path+"?api_key="+emulator.DefaultKey, strings.NewReader(row.body))
		req.Header.Set("Authorization", e.Token(""))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, req)
		said := w.Body.String()
		switch {
		case row.says == "" && w.Code > 299:
			t.Errorf("%s: %d %s", row.name, w.Code, said)
		case row.says != "" && (w.Code != 400 || !strings.Contains(said, row.says) || !strings.Contains(said, `"code":4`) || !strings.Contains(said, `"StatusCode":400`)):
			t.Errorf("%s: %d %.300s; want a refusal about %s", row.name, w.Code, said, row.says)
		}
	}
}
