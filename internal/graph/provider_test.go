package graph_test

import (
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

// Every chat user may ask what the chat can do; nobody else may.
func TestProvider(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	const query = `{ provider { name supports listStaleness budgets { call } } }`
	const want = `{"data":{"provider":{"name":"engine","supports":["CHANNEL_EVENTS","BACKOFFICE_EVENTS","USER_EVENTS","TYPING","PRESENCE","MUTES","MESSAGE_FIGURES","BIN"],"listStaleness":0,"budgets":[]}}}`
	for who, r := range map[string]apitest.Reply{
		"the back office": h.Ask(query, nil),
		"a chat user":     h.AskAs(apitest.Mint(h, auth.Grant{Subject: "alice"}), query, nil),
	} {
		if r.Text != want {
			t.Errorf("%s is told %s", who, r.Text)
		}
	}
	if r := h.AskAs("", query, nil); len(r.Errors) != 1 || r.Errors[0].Code() != "UNAUTHORIZED" {
		t.Errorf("a stranger is told %s", r.Text)
	}
}
