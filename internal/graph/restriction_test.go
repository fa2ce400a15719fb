package graph_test

import (
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

// The back office sees who is banned and muted when it lists and changes users. A message
// doesn't tell.
func TestRestrictionsInForce(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	for _, mutation := range []string{
		`upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}, {id: "ben", name: "Ben"}]}) { users { ban { until } } }`,
		`createOrUpdateChannel(input: {id: "news", name: "News"})`,
		`banUser(input: {userId: "anna", until: "2099-01-01T10:00:00Z"}) { userId }`,
		`muteUser(input: {userId: "anna"}) { userId }`,
		`banUser(input: {userId: "ben", cid: "livestream:news"}) { userId }`,
	} {
		if got := h.Ask(`mutation { `+mutation+` }`, nil); len(got.Errors) > 0 {
			t.Fatalf("%s: %s", mutation, got.Text)
		}
	}
	// The back office may write all the same.
	writer := apitest.Mint(h, auth.Grant{Subject: "anna", Roles: []string{"BO"}})
	if got := h.AskAs(writer, `mutation { sendMessage(input: {cid: "livestream:news", text: "hi", mentionedUsersIds: ["ben"]}) { message { id } } }`, nil); len(got.Errors) > 0 {
		t.Fatal(got.Text)
	}
	const told = `id ban { until by reason } mute { until by } `
	const anna = `{"id":"anna","ban":{"until":"2099-01-01T10:00:00.000000Z","by":"alice","reason":null},"mute":{"until":null,"by":"alice"}}`
	for query, want := range map[string]string{
		`{ chatUsers(ids: ["anna", "ben"]) { nodes { ` + told + ` } } }`:                                                                 `{"chatUsers":{"nodes":[` + anna + `,{"id":"ben","ban":null,"mute":null}]}}`,
		`mutation { upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}]}) { users { ` + told + ` } } }`:                          `{"upsertChatUsers":{"users":[` + anna + `]}}`,
		`mutation { setRoles(input: {userIds: ["anna"], role: USER}) { users { user { ` + told + ` } } } }`:                              `{"setRoles":{"users":[{"user":` + anna + `}]}}`,
		`{ messages(cid: "livestream:news") { nodes { sender { id ban { until } mute { until } } mentionedUsers { ban { until } } } } }`: `{"messages":{"nodes":[{"sender":{"id":"anna","ban":null,"mute":null},"mentionedUsers":[{"ban":null}]}]}}`,
	} {
		if got := h.Ask(query, nil); got.Text != `{"data":`+want+`}` {
			t.Errorf("%s: %s", query, got.Text)
		}
	}
	for query, want := range map[string]string{
		`{ restrictions(cid: "livestream:news") { user { id name ban { until } } kind until by reason } }`: `{"restrictions":[{"user":{"id":"ben","name":"Ben","ban":null},"kind":"BAN","until":null,"by":"alice","reason":null}]}`,
		`{ a: restrictions(cid: "livestream:news") { kind ... on ChannelRestriction { __typename } } }`:    `{"a":[{"kind":"BAN","__typename":"ChannelRestriction"}]}`,
	} {
		if got := h.Ask(query, nil); got.Text != `{"data":`+want+`}` {
			t.Errorf("%s: %s", query, got.Text)
		}
	}
	for cid, code := range map[string]string{"livestream:nowhere": "NOT_FOUND", "news": "INVALID_ARGUMENTS"} {
		if got := h.Ask(`{ restrictions(cid: "`+cid+`") { kind } }`, nil); len(got.Errors) != 1 || got.Errors[0].Code() != code {
			t.Errorf("%s: %s", cid, got.Text)
		}
	}
	if got := h.AskAs(apitest.Mint(h, auth.Grant{Subject: "anna"}), `{ restrictions(cid: "livestream:news") { kind } }`, nil); len(got.Errors) != 1 || got.Errors[0].Code() != "UNAUTHORIZED" {
		t.Errorf("a customer is told: %s", got.Text)
	}
	got := h.AskAs(apitest.Mint(h, auth.Grant{Subject: "ben"}), `{ chatUsers { nodes { `+told+` } } }`, nil)
	if len(got.Errors) != 1 || got.Errors[0].Code() != "UNAUTHORIZED" {
		t.Errorf("a customer is told: %s", got.Text)
	}
}
