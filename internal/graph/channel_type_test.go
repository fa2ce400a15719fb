package graph_test

import (
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/transport"
)

// Each operation with a cid accepts one whose type is the chat's own, and refuses a type
// that doesn't exist as it refuses a malformed cid.
func TestChannelTypesOfOnesOwn(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	e := extra.New(h.Provider.(*engine.Engine))
	if _, err := e.CreateChannelType(t.Context(), "podcast", func(*chat.TypeSettings) error { return nil }); err != nil {
		t.Fatal(err)
	}
	h.Ask(`mutation { upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}]}) { users { id } } }`, nil)
	message := makeShow(h)
	const refused = "A cid is type:id with the type livestream, messaging, team, gaming or commerce, e.g. livestream:announcements."
	for _, row := range []struct{ query, answer, field string }{
		{`mutation($c: String!) { addMembers(input: {cid: $c, userIds: ["anna", "alice"]}) { cid } }`,
			`{"addMembers":{"cid":"podcast:show"}}`, "input.cid"},
		{`query($c: String!) { channel(cid: $c) { cid id type name frozen } }`,
			`{"channel":{"cid":"podcast:show","id":"show","type":"podcast","name":"The Show","frozen":false}}`, "cid"},
		{`mutation($c: String!) { freezeChannel(input: {cid: $c, frozen: true}) { channel { frozen } } }`,
			`{"freezeChannel":{"channel":{"frozen":true}}}`, "input.cid"},
		{`mutation($c: String!) { sendMessage(input: {cid: $c, text: "again"}) { message { cid text } } }`,
			`{"sendMessage":{"message":{"cid":"podcast:show","text":"again"}}}`, "input.cid"},
		{`mutation($c: String!, $m: String!) { editMessage(input: {cid: $c, messageId: $m, text: "edited"}) { message { text } } }`,
			`{"editMessage":{"message":{"text":"edited"}}}`, "input.cid"},
		{`mutation($c: String!, $m: String!) { pinMessage(input: {cid: $c, messageId: $m, pinned: false}) { message { pinnedAt } } }`,
			`{"pinMessage":{"message":{"pinnedAt":null}}}`, "input.cid"},
		{`mutation($c: String!, $m: String!) { addReaction(input: {cid: $c, messageId: $m, type: "like"}) { message { reactions { type count } } } }`,
			`{"addReaction":{"message":{"reactions":[{"type":"like","count":1}]}}}`, "input.cid"},
		{`mutation($c: String!, $m: String!) { removeReaction(input: {cid: $c, messageId: $m, type: "like"}) { message { reactions { type } } } }`,
			`{"removeReaction":{"message":{"reactions":[]}}}`, "input.cid"},
		{`mutation($c: String!) { markRead(input: {cid: $c}) { cid } }`, `{"markRead":{"cid":"podcast:show"}}`, "input.cid"},
		{`mutation($c: String!) { sendTyping(input: {cid: $c, typing: true}) { cid } }`, `{"sendTyping":{"cid":"podcast:show"}}`, "input.cid"},
		{`query($c: String!) { messages(cid: $c, first: 1) { nodes { text } } }`, `{"messages":{"nodes":[{"text":"edited"}]}}`, "cid"},
		{`query($c: String!) { members(cid: $c) { nodes { user { id } } } }`,
			`{"members":{"nodes":[{"user":{"id":"alice"}},{"user":{"id":"anna"}}]}}`, "cid"},
		{`mutation($c: String!) { banUser(input: {cid: $c, userId: "anna"}) { userId } }`, `{"banUser":{"userId":"anna"}}`, "input.cid"},
		{`mutation($c: String!) { unbanUser(input: {cid: $c, userId: "anna"}) { userId } }`, `{"unbanUser":{"userId":"anna"}}`, "input.cid"},
		{`mutation($c: String!) { muteUser(input: {cid: $c, userId: "anna"}) { userId } }`, `{"muteUser":{"userId":"anna"}}`, "input.cid"},
		{`mutation($c: String!) { unmuteUser(input: {cid: $c, userId: "anna"}) { userId } }`, `{"unmuteUser":{"userId":"anna"}}`, "input.cid"},
		{`mutation($c: String!) { removeMembers(input: {cid: $c, userIds: ["anna"]}) { cid } }`,
			`{"removeMembers":{"cid":"podcast:show"}}`, "input.cid"},
		{`mutation($c: String!, $m: String!) { deleteMessage(input: {cid: $c, messageId: $m}) { messageId } }`,
			`{"deleteMessage":{"messageId":"MESSAGE"}}`, "input.cid"},
		{`query($c: String!) { plan(input: {operation: DELETE_CHANNELS, channels: {cids: ["team:a", $c]}}) { targets messages members } }`,
			`{"plan":{"targets":1,"messages":2,"members":1}}`, "input.channels.cids[1]"},
		{`mutation($c: String!) { deleteChannels(input: {cids: ["team:a", $c]}) }`, `{"deleteChannels":true}`, "input.cids[1]"},
	} {
		for _, cid := range []string{"Podcast:show", "podcasts:show", "podcast", "podcast:", "podcast:a b", "pod cast:show", ":show"} {
			got := h.Ask(row.query, map[string]any{"c": cid, "m": message})
			if len(got.Errors) != 1 || got.Errors[0].Code() != "INVALID_ARGUMENTS" || got.Errors[0].Field() != row.field || got.Errors[0].Message != refused {
				t.Errorf("%s with %q: %s", row.query, cid, got.Text)
			}
		}
		want := `{"data":` + strings.ReplaceAll(row.answer, "MESSAGE", message) + `}`
		if got := h.Ask(row.query, map[string]any{"c": "podcast:show", "m": message}); got.Text != want {
			t.Errorf("%s: %s", row.query, got.Text)
		}
	}
	if got := h.Ask(`{ allChannels { cid } }`, nil); got.Text != `{"data":{"allChannels":[]}}` {
		t.Errorf("after the deletion: %s", got.Text)
	}
}

// makeShow makes podcast:show and a message in it by the documented operations, and
// returns the message's id.
func makeShow(h *apitest.Server) string {
	h.Helper()
	for _, mutation := range []string{
		`createOrUpdateChannel(input: {name: "Show", typeName: "podcast"})`,
		`createOrUpdateChannel(input: {id: "show", name: "The Show", typeName: "podcast", type: Team})`,
		`sendMessageToChannel(input: {channelId: "show", typeName: "podcast", text: "hello"})`,
	} {
		if got := h.Ask(`mutation { ok: `+mutation+` }`, nil); got.Text != `{"data":{"ok":true}}` {
			h.Fatalf("%s: %s", mutation, got.Text)
		}
	}
	if got := h.Ask(`{ allChannels { cid type name } }`, nil); got.Text != `{"data":{"allChannels":[{"cid":"podcast:show","type":"podcast","name":"The Show"}]}}` {
		h.Errorf("listed: %s", got.Text)
	}
	for _, mutation := range []string{
		`createOrUpdateChannel(input: {name: "Show", typeName: "podcasts"})`,
		`createOrUpdateChannel(input: {id: "show", name: "Show", typeName: "Team"})`,
		`sendMessageToChannel(input: {channelId: "show", typeName: "", text: "hello"})`,
	} {
		got := h.Ask(`mutation { `+mutation+` }`, nil)
		if len(got.Errors) != 1 || got.Errors[0].Code() != "INVALID_ARGUMENTS" || got.Errors[0].Field() != "input.typeName" {
			h.Errorf("%s: %s", mutation, got.Text)
		}
	}
	page, err := h.Provider.Messages(h.Context(), chat.MessageQuery{CID: chat.CID{Type: "podcast", ID: "show"}, Limit: 2})
	if err != nil || len(page.Items) != 1 {
		h.Fatalf("messages: %v, %v", page.Items, err)
	}
	return page.Items[0].ID
}

// The list is filtered by a type's name if the enum lacks it.
func TestChannelsOfOneType(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	e := extra.New(h.Provider.(*engine.Engine))
	if _, err := e.CreateChannelType(t.Context(), "podcast", func(*chat.TypeSettings) error { return nil }); err != nil {
		t.Fatal(err)
	}
	makeShow(h)
	h.Ask(`mutation { createOrUpdateChannel(input: {name: "Deals", type: Team}) }`, nil)
	for filter, want := range map[string]string{
		`typeName: "podcast"`:                       `{"cid":"podcast:show"}`,
		`typeName: "podcast", type: Team`:           `{"cid":"podcast:show"}`,
		`typeName: "team"`:                          `{"cid":"team:deals"}`,
		`typeName: null, type: Team`:                `{"cid":"team:deals"}`,
		`typeName: "podcast", search: "deals"`:      ``,
		`typeName: "gaming"`:                        ``,
		`typeName: "podcast", type: null, first: 1`: `{"cid":"podcast:show"}`,
	} {
		got := h.Ask(`{ channels(`+filter+`) { nodes { cid } } }`, nil)
		if got.Text != `{"data":{"channels":{"nodes":[`+want+`]}}}` {
			t.Errorf("%s: %s", filter, got.Text)
		}
	}
	for _, name := range []string{"podcasts", "Podcast", "", "a b"} {
		got := h.Ask(`query($t: String) { channels(typeName: $t) { nodes { cid } } }`, map[string]any{"t": name})
		if len(got.Errors) != 1 || got.Errors[0].Code() != "INVALID_ARGUMENTS" || got.Errors[0].Field() != "typeName" {
			t.Errorf("%q: %s", name, got.Text)
		}
	}
}
