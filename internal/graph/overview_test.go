package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/transport"
)

func TestOverview(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	seed(h, 3)
	h.Ask(`mutation { sendMessageToChannel(input: {channelId: "room-1", text: "hello"}) }`, nil)
	h.Ask(`{ nonsense }`, nil)
	for range 2 {
		h.Ask(`mutation { sendMessageToChannel(input: {channelId: "nowhere", text: "hello"}) }`, nil)
	}
	const query = `{ overview { channels users messages messagesToday messagesPerHour { messages }
		server { connections requests errors { code count } } } }`
	r := h.Ask(query, nil)
	o, ok := r.Data["overview"].(map[string]any)
	if !ok {
		t.Fatal(r.Text)
	}
	hours, _ := o["messagesPerHour"].([]any)
	if len(hours) != chat.OverviewHours {
		t.Fatalf("%d hours: %s", len(hours), r.Text)
	}
	delete(o, "messagesPerHour")
	delete(o, "messagesToday") // midnight may have passed
	want := map[string]any{
		"channels": 3.0, "users": 1.0, "messages": 1.0,
		"server": map[string]any{"connections": 0.0, "requests": 5.0, "errors": []any{
			map[string]any{"code": "NOT_FOUND", "count": 2.0},
			map[string]any{"code": "GRAPHQL_VALIDATION_FAILED", "count": 1.0},
		}},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("the overview (-want +got):\n%s", diff)
	}
	r = h.AskAs(apitest.Mint(h, auth.Grant{Subject: "alice"}), query, nil)
	if len(r.Errors) != 1 || r.Errors[0].Code() != "UNAUTHORIZED" {
		t.Errorf("without the role: %s", r.Text)
	}
}

// seed puts channels room-0, room-1 …
func seed(h *apitest.Server, n int) {
	h.Helper()
	for i := range n {
		err := h.Provider.PutChannel(h.Context(), chat.PutChannel{
			Operation: chat.Operation{By: chat.Actor{ID: "setup", BackOffice: true}, Name: "test"},
			CID:       chat.CID{Type: chat.Livestream, ID: fmt.Sprintf("room-%d", i)}, Name: fmt.Sprintf("Room %d", i)})
		if err != nil {
			h.Fatal(err)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	seed(h, 450)
	r := h.Ask(`{ channels(first: 10000) { nodes { id memberCount messageCount lastMessageAt createdAt frozen avatar } pageInfo { hasNextPage } } }`, nil)
	page, _ := r.Data["channels"].(map[string]any)
	if nodes, _ := page["nodes"].([]any); len(nodes) != 450 {
		t.Errorf("all channels at once: %.300s", r.Text)
	}
	for query, field := range map[string]string{
		`{ channels(first: 10001) { nodes { id } } }`:                                                    "first",
		`{ chatUsers(first: 201) { nodes { id } } }`:                                                     "first",
		`{ chatUsers(ids: ["` + strings.Repeat(`a","`, 200) + `b"]) { nodes { id } } }`:                  "ids",
		`{ plan(input: {operation: DELETE_CHANNELS, channels: {cids: ["team:x", "x"]}}) { targets } }`:   "input.channels.cids[1]",
		`mutation { setRoles(input: {userIds: [], role: USER}) { users { user { id } } } }`:              "input.userIds",
		`mutation { setRoles(input: {userIds: ["a b"], role: USER}) { users { user { id } } } }`:         "input.userIds[0]",
		`mutation { setRoles(input: {userIds: ["a", "b", "a"], role: USER}) { users { user { id } } } }`: "input.userIds[2]",
	} {
		r := h.Ask(query, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code() != "INVALID_ARGUMENTS" || r.Errors[0].Field() != field {
			t.Errorf("%s: want INVALID_ARGUMENTS in %s: %s", query, field, r.Text)
		}
	}
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf("user-%d", i))
	}
	const roles = `mutation($ids: [String!]!) { setRoles(input: {userIds: $ids, role: MODERATOR}) { users { previousRole user { id role } } } }`
	r = h.Ask(roles, map[string]any{"ids": ids})
	if len(r.Errors) != 1 || r.Errors[0].Code() != "NOT_FOUND" || r.Errors[0].Field() != "input.userIds" {
		t.Errorf("roles for nobody: %.300s", r.Text)
	}
	r = h.Ask(`{ plan(input: {operation: DELETE_CHANNELS, channels: {cids: ["livestream:room-1", "livestream:room-2"]}}) { targets messages members } }`, nil)
	if r.Text != `{"data":{"plan":{"targets":2,"messages":0,"members":0}}}` {
		t.Error(r.Text)
	}
	h.Ask(`mutation { upsertChatUsers(input: {users: [{id: "user-0", name: "N", role: ADMIN}]}) { users { id } } }`, nil)
	r = h.Ask(roles, map[string]any{"ids": ids[:1]})
	if r.Text != `{"data":{"setRoles":{"users":[{"previousRole":"ADMIN","user":{"id":"user-0","role":"MODERATOR"}}]}}}` {
		t.Error(r.Text)
	}
}
