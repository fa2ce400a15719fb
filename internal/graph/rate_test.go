package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

func TestUsersAreTooFast(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	h.Serve(graph.New(transport.Options{Verifier: apitest.NewVerifier(t), Desk: desk.New(desk.Options{Provider: h.Provider, Rates: desk.Rates{
		Messages: desk.Rate{PerSecond: 0.01, Burst: 2}, Changes: desk.Rate{PerSecond: 0.01, Burst: 3}}})}))
	h.Ask(`mutation { createOrUpdateChannel(input: {name: "News"}) }`, nil)
	anna := apitest.Mint(h, auth.Grant{Subject: "anna"})
	many := func(token, mutation string) apitest.Reply {
		var roots strings.Builder
		for i := range 5 {
			fmt.Fprintf(&roots, "m%d: %s ", i, mutation)
		}
		return h.AskAs(token, "mutation { "+roots.String()+"}", nil)
	}
	for _, row := range []struct {
		says, token, mutation string
		refused               int
	}{
		{"messages", anna, `sendMessage(input: {cid: "livestream:news", text: "hi"}) { message { id } }`, 3},
		{"typing", anna, `sendTyping(input: {cid: "livestream:news", typing: true}) { cid }`, 2},
		{"other changes share a bucket", anna, `markRead(input: {cid: "livestream:news"}) { cid }`, 5},
		{"the back office", h.Token, `sendMessage(input: {cid: "livestream:news", text: "hi"}) { message { id } }`, 0},
	} {
		r := many(row.token, row.mutation)
		if len(r.Errors) != row.refused {
			t.Errorf("%s: %d are refused, want %d: %s", row.says, len(r.Errors), row.refused, r.Text)
		}
		for _, e := range r.Errors {
			if wait, _ := e.Extensions["retryAfter"].(float64); e.Code() != "RATE_LIMITED" || wait < 1 || wait > 100 ||
				!strings.HasSuffix(e.Message, fmt.Sprintf(" Wait %.0f s.", wait)) {
				t.Errorf("%s: %s", row.says, r.Text)
			}
		}
	}
}
