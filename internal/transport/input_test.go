package transport_test

import (
	"encoding/json"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/chat"
	"backchannel/internal/transport"
)

// Inputs that don't fit the schema, as literals and as variables, are refused with the same
// field and the same words.
func TestInputsThatDoNotFit(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	const (
		put  = "createOrUpdateChannel(input: CreateOrUpdateStreamChatChanelInput!)"
		del  = "deleteChannels(input: DeleteStreamChatChanelInput!)"
		send = "sendMessageToChannel(input: SendMessageToChannelChanelInput!)"
		role = "setRoleToUsersOnChat(input: UpdateUsersChatRoleInput!)"
		enum = "must be one of Livestream, Messaging, Team, Gaming, Commerce, spelled like this."
	)
	for _, row := range []struct {
		mutation, literal, variable string // "" if it is the literal as JSON
		field, problem              string
	}{
		{put, `{}`, ``, "input.name", "is required and must be a string."},
		{put, `{name: null}`, `{"name":null}`, "input.name", "must not be null but a string."},
		{put, `{name: 5}`, `{"name":5}`, "input.name", "must be a string."},
		{put, `{name: 5.5}`, `{"name":5.5}`, "input.name", "must be a string."},
		{put, `{name: true}`, `{"name":true}`, "input.name", "must be a string."},
		{put, `{name: A}`, `{"name":{}}`, "input.name", "must be a string."},
		{put, `{name: ["A"]}`, `{"name":["A"]}`, "input.name", "must be a string."},
		{put, `{name: "A", id: 7}`, `{"name":"A","id":7}`, "input.id", "must be a string."},
		{put, `{name: "A", nam: "B"}`, `{"name":"A","nam":"B"}`, "input.nam", "is not a field of CreateOrUpdateStreamChatChanelInput."},
		{put, `{name: "A", __typename: "B"}`, `{"name":"A","__typename":"B"}`, "input.__typename", "is not a field of CreateOrUpdateStreamChatChanelInput."},
		{put, `{name: "A", type: livestream}`, `{"name":"A","type":"livestream"}`, "input.type", enum},
		{put, `{name: "A", type: LIVESTREAM}`, `{"name":"A","type":"LIVESTREAM"}`, "input.type", enum},
		{put, `{name: "A", type: Foo}`, `{"name":"A","type":"Foo"}`, "input.type", enum},
		{put, `{name: "A", type: 0}`, `{"name":"A","type":0}`, "input.type", enum},
		{put, `{name: "A", type: ""}`, `{"name":"A","type":""}`, "input.type", enum},
		{put, `"A"`, `"A"`, "input", "must be an object with the fields of CreateOrUpdateStreamChatChanelInput."},
		{put, `[{name: "A"}]`, `[{"name":"A"}]`, "input", "must be an object with the fields of CreateOrUpdateStreamChatChanelInput."},
		{put, `null`, `null`, "input", "must not be null but an object with the fields of CreateOrUpdateStreamChatChanelInput."},
		{del, `{cids: null}`, `{"cids":null}`, "input.cids", "must not be null but a list, in which each item is a string."},
		{del, `{cids: [null]}`, `{"cids":[null]}`, "input.cids[0]", "must not be null but a string."},
		{del, `{cids: ["team:a", 2]}`, `{"cids":["team:a",2]}`, "input.cids[1]", "must be a string."},
		{del, `{cids: [["team:a"]]}`, `{"cids":[["team:a"]]}`, "input.cids[0]", "must be a string."},
		{del, `{cids: 2}`, `{"cids":2}`, "input.cids", "must be a string."},
		{del, `{cids: {}}`, `{"cids":{}}`, "input.cids", "must be a string."},
		{send, `{channelId: "a"}`, `{"channelId":"a"}`, "input.text", "is required and must be a string."},
		{send, `{channelId: "a", text: "b", attachments: [{title: ""}]}`, `{"channelId":"a","text":"b","attachments":[{"title":""}]}`, "input.attachments[0].assetUrl", "is required and must be a string."},
		{send, `{channelId: "a", text: "b", attachments: [{title: "", assetUrl: "x"}, {title: "", assetUrl: 1}]}`, `{"channelId":"a","text":"b","attachments":[{"title":"","assetUrl":"x"},{"title":"","assetUrl":1}]}`, "input.attachments[1].assetUrl", "must be a string."},
		{send, `{channelId: "a", text: "b", attachments: {title: "", assetUrl: 1}}`, `{"channelId":"a","text":"b","attachments":{"title":"","assetUrl":1}}`, "input.attachments.assetUrl", "must be a string."},
		{send, `{channelId: "a", text: "b", mentionedUsersIds: [null]}`, `{"channelId":"a","text":"b","mentionedUsersIds":[null]}`, "input.mentionedUsersIds[0]", "must not be null but a string."},
		{role, `{userId: "a", role: admin}`, `{"userId":"a","role":"admin"}`, "input.role", "must be one of USER, ADMIN, MODERATOR, spelled like this."},
		{role, `{userId: "a", role: null}`, `{"userId":"a","role":null}`, "input.role", "must not be null but one of USER, ADMIN, MODERATOR, spelled like this."},
	} {
		name, declared, _ := strings.Cut(row.mutation, "(input: ")
		inText := h.Ask("mutation { "+name+"(input: "+row.literal+") }", nil)
		wantBadInput(t, row.literal, inText, row.field, row.field+" "+row.problem)

		text := row.variable
		if text == "" {
			text = row.literal
		}
		document := "mutation($v: " + declared + " { " + name + "(input: $v) }"
		inVariable := h.Ask(document, map[string]any{"v": json.RawMessage(text)})
		wantBadInput(t, text, inVariable, row.field, "Variable $v: "+row.field+" "+row.problem)
	}
	if got := h.Ask("{allChannels{id}}", nil); got.Text != `{"data":{"allChannels":[]}}` {
		t.Errorf("something happened: %s", got.Text)
	}
}

func wantBadInput(t *testing.T, input string, got apitest.Reply, field, message string) {
	t.Helper()
	wantRefusal(t, got, "INVALID_ARGUMENTS")
	if len(got.Errors) == 1 && (got.Errors[0].Field() != field || got.Errors[0].Message != message || len(got.Errors[0].Locations) != 1) {
		t.Errorf("%s: %s", input, got.Text)
	}
}

// Mistakes that only literals or only variables can have.
func TestOtherArguments(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for _, row := range []struct {
		query, variables string
		code, field      string
	}{
		{`mutation { deleteChannels }`, ``, "INVALID_ARGUMENTS", "input"},
		{`mutation { deleteChannels(input: {cids: []}, force: true) }`, ``, "INVALID_ARGUMENTS", "force"},
		{`mutation { deleteChannels(input: {cids: []}, input: {cids: []}) }`, ``, "INVALID_ARGUMENTS", ""},
		{`mutation { deleteChannels(input: {cids: [], cids: []}) }`, ``, "INVALID_ARGUMENTS", "input.cids"},
		{`mutation($v: [String]!) { deleteChannels(input: {cids: $v}) }`, `{"v":[]}`, "INVALID_ARGUMENTS", "input.cids"},
		{`mutation($v: String) { deleteChannels(input: {cids: ["team:a", $v]}) }`, `{"v":"team:b"}`, "INVALID_ARGUMENTS", "input.cids[1]"},
		{`mutation($v: [String!]!) { deleteChannels(input: {cids: $v}) }`, ``, "INVALID_ARGUMENTS", "input.cids"},
		{`mutation($v: [String!]!) { deleteChannels(input: {cids: $v}) }`, `{"v":[1]}`, "INVALID_ARGUMENTS", "input.cids[0]"},
		{`mutation($v: String!) { deleteChannels(input: {cids: ["team:a", $v]}) }`, `{"v":7}`, "INVALID_ARGUMENTS", "input.cids[1]"},
		{`query($v: Int) { channels(first: $v) {nodes{id}} }`, `{"v":"5"}`, "INVALID_ARGUMENTS", "first"},
		{`query($v: Int) { channels(first: $v) {nodes{id}} }`, `{"v":5.5}`, "INVALID_ARGUMENTS", "first"},
		{`query($v: Int) { channels(first: $v) {nodes{id}} }`, `{"v":2147483648}`, "INVALID_ARGUMENTS", "first"},
		{`query($v: Int) { channels(first: $v) {nodes{id}} }`, `{"v":1e999}`, "INVALID_ARGUMENTS", "first"},
		{`{ channels(first: 2147483648) {nodes{id}} }`, ``, "INVALID_ARGUMENTS", "first"},
		{`{ channels(first: 99999999999999999999) {nodes{id}} }`, ``, "INVALID_ARGUMENTS", "first"},
		{`query($v: Int = "5") { channels(first: $v) {nodes{id}} }`, ``, "INVALID_ARGUMENTS", ""},
		{`query($v: ChatStreamChannelType = team) { channels(type: $v) {nodes{id}} }`, ``, "INVALID_ARGUMENTS", ""},
		{`query($v: ChatStreamChannelType) { channels(type: $v) {nodes{id}} }`, `{"v":"team"}`, "INVALID_ARGUMENTS", "type"},
		{`query($v: Boolean) { allChannels @skip(if: $v) {id} }`, `{"v":true}`, "INVALID_ARGUMENTS", ""},
		{`query($v: Boolean = true) { allChannels @skip(if: $v) {id} }`, `{"v":null}`, "INVALID_ARGUMENTS", ""},
		{`query($v: String = "team:a") { channel(cid: $v) {id} }`, `{"v":null}`, "INVALID_ARGUMENTS", "cid"},
		{`{ allChannels @skip(if: "yes") {id} }`, ``, "INVALID_ARGUMENTS", ""},
		{`{ allChannels @skip {id} }`, ``, "INVALID_ARGUMENTS", ""},
		{`{ allChannels @skip(when: true, if: true) {id} }`, ``, "INVALID_ARGUMENTS", ""},
		{`query { channel(cid: $v) {id} }`, ``, "GRAPHQL_VALIDATION_FAILED", ""},
		{`query($v: Query) { channel(cid: $v) {id} }`, ``, "GRAPHQL_VALIDATION_FAILED", ""},
		{`query($v: Nothing!) { __typename }`, `{"v":1}`, "GRAPHQL_VALIDATION_FAILED", ""},
	} {
		got := h.Ask(row.query, json.RawMessage(strings.TrimPrefix(row.variables, " ")+strings.Repeat("null", len("x")-min(len(row.variables), 1))))
		if got.Status != 200 || got.Data != nil || len(got.Errors) == 0 || got.Errors[0].Code() != row.code || got.Errors[0].Field() != row.field {
			t.Errorf("%s with %s: want %s %q, got %s", row.query, row.variables, row.code, row.field, got.Text)
		}
	}
}

// Inputs that fit in one of the ways that the specification allows.
func TestInputsThatFit(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	const id = `createOrUpdateChannel(input: `
	for _, row := range []struct{ query, variables, cid string }{
		{`mutation { ` + id + `{id: "a", name: "A"}) }`, `null`, "livestream:a"},
		{`mutation { ` + id + `{id: "b", name: "A", type: null}) }`, `null`, "livestream:b"},
		{`mutation { ` + id + `{id: "c", name: "A", type: Team}) }`, `null`, "team:c"},
		{`mutation { ` + id + `{id: "d", name: """A"""}) }`, `null`, "livestream:d"},
		{`mutation($v: ChatStreamChannelType) { ` + id + `{id: "e", name: "A", type: $v}) }`, `null`, "livestream:e"},
		{`mutation($v: ChatStreamChannelType) { ` + id + `{id: "f", name: "A", type: $v}) }`, `{"v":null}`, "livestream:f"},
		{`mutation($v: ChatStreamChannelType = Gaming) { ` + id + `{id: "g", name: "A", type: $v}) }`, `{}`, "gaming:g"},
		{`mutation($v: String = "A") { ` + id + `{id: "h", name: $v}) }`, `{}`, "livestream:h"},
		{`mutation($v: CreateOrUpdateStreamChatChanelInput!) { ` + id + `$v) }`, `{"v":{"id":"i","name":"A","type":"Commerce"},"unused":1}`, "commerce:i"},
		{`mutation($v: CreateOrUpdateStreamChatChanelInput = {id: "j", name: "A"}) { ` + id + `$v) }`, `{}`, "livestream:j"},
	} {
		got := h.Ask(row.query, json.RawMessage(row.variables))
		if got.Text != `{"data":{"createOrUpdateChannel":true}}` {
			t.Errorf("%s: %s", row.query, got.Text)
		}
		cid, bad := chat.ParseCID(row.cid)
		if bad != nil {
			t.Fatal(bad)
		}
		if _, err := h.Provider.Channel(t.Context(), cid); err != nil {
			t.Errorf("%s: %v", row.query, err)
		}
	}
	for _, one := range []string{`{"v":"livestream:a"}`, `{"v":["livestream:a"]}`} {
		got := h.Ask(`mutation($v: [String!]!) { deleteChannels(input: {cids: $v}) }`, json.RawMessage(one))
		if got.Text != `{"data":{"deleteChannels":true}}` {
			t.Errorf("a list of one: %s", got.Text)
		}
	}
	if got := h.Ask(`{ channels(first: 5, type: null) { nodes { id } } }`, nil); len(got.Errors) > 0 {
		t.Error(got.Text)
	}
}
