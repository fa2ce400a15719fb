package graph

import (
	"testing"

	"backchannel/internal/auth"
)

// Every chat user is told what the chat can do, and nobody else.
func TestProvider(t *testing.T) {
	h := open(t, Options{})
	const query = `{ provider { name supports listStaleness budgets { call } } }`
	const want = `{"data":{"provider":{"name":"engine","supports":["CHANNEL_EVENTS","BACKOFFICE_EVENTS","USER_EVENTS","TYPING","PRESENCE","MUTES","MESSAGE_FIGURES"],"listStaleness":0,"budgets":[]}}}`
	for who, r := range map[string]reply{
		"the back office": h.ask(query, nil),
		"a chat user":     h.askAs(mint(h, auth.Grant{Subject: "alice"}), query, nil),
	} {
		if r.text != want {
			t.Errorf("%s is told %s", who, r.text)
		}
	}
	if r := h.askAs("", query, nil); len(r.Errors) != 1 || r.Errors[0].code() != "UNAUTHORIZED" {
		t.Errorf("a stranger is told %s", r.text)
	}
}
