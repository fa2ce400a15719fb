package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

const wholeMessage = `{id cid seq text createdAt sender{id name role} attachments{type title titleLink assetUrl imageUrl thumbUrl width height} ` +
	`mentionedUsers{id name role createdAt} reactions{type count}}`

func roomful(n int, root string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "r%d:%s ", i, root)
	}
	return b.String()
}

func TestCosts(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	h.Ask(`mutation{createOrUpdateChannel(input:{name:"News"})}`, nil)
	anna := apitest.Mint(h, auth.Grant{Subject: "anna"})
	const page = `messages(cid:"livestream:news",last:200)`
	const send = `sendMessage(input:{cid:"livestream:news",text:"hi"}){message`
	fragments := map[string]string{"...M": " fragment M on Message" + wholeMessage, "...T": " fragment T on Message{" + roomful(40, "text") + "}"}
	for _, row := range []struct {
		says, token, query string
		told               string // a part of the message; "" if it is answered
	}{
		{"a page of all there is", anna, "{" + page + "{nodes" + wholeMessage + "}}", ""},
		{"twenty pages of ids", anna, "{" + roomful(20, page+"{nodes{id text sender{id name}}}") + "}", ""},
		{"twenty pages of all there is", anna, "{" + roomful(20, page+"{nodes{...M}}") + "}", "values, which is more than"},
		{"as a variable says", anna, `query($n:Int=200){` + roomful(20, `messages(cid:"livestream:news",last:$n){nodes{...M}}`) + "}", "values"},
		{"twenty short pages", anna, "{" + roomful(20, `messages(cid:"livestream:news",last:10){nodes{...M}}`) + "}", ""},
		{"twice each message", anna, "{" + roomful(6, page+"{nodes{...M} edges{node{...M}}}") + "}", "values"},
		{"a page that is too long counts as long as pages are", anna, `{messages(cid:"livestream:news",last:2000000000){nodes{id}}}`, "Ask for 1 to 200 at once."},
		{"the back office likewise", h.Token, "{" + roomful(20, page+"{nodes{...M}}") + "}", "values"},
		{"all channels are bounded by bytes alone", h.Token, "{" + roomful(20, "allChannels{id cid type name avatar}") + "}", ""},
		{"a mutation", anna, "mutation{" + send + wholeMessage + "}}", ""},
		{"a mutation whose answer may not fit", anna, "mutation{" + roomful(3, send+"{...T}}") + "}", "The answer could be up to"},
		{"it fits for the back office", h.Token, "mutation{" + roomful(3, send+"{...T}}") + "}", ""},
		{"a thousand users", h.Token, "mutation{upsertChatUsers(input:{users:[" + strings.Repeat(`{id:"a",name:"a"},`, 1000) + "]}){users{" + roomful(40, "name") + "}}}", "could be up to"},
	} {
		for name, text := range fragments {
			if strings.Contains(row.query, name) {
				row.query += text
			}
		}
		before := history(h)
		r := h.AskAs(row.token, row.query, nil)
		switch {
		case row.told == "" && len(r.Errors) > 0:
			t.Errorf("%s: %.300s", row.says, r.Text)
		case row.told != "" && (len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, row.told)):
			t.Errorf("%s: %.300s", row.says, r.Text)
		case row.told != "" && history(h) != before:
			t.Errorf("%s: there are %d messages, before there were %d", row.says, history(h), before)
		}
	}
	r := h.AskAs(anna, "{"+roomful(20, page+"{nodes{...M}}")+"}"+fragments["...M"], nil)
	if r.Errors[0].Code() != "GRAPHQL_VALIDATION_FAILED" || r.Data != nil {
		t.Errorf("%.300s", r.Text)
	}
}

func history(h *apitest.Server) int {
	page, err := h.Provider.Messages(h.Context(), chat.MessageQuery{CID: chat.CID{Type: chat.Livestream, ID: "news"}, Limit: 200})
	if err != nil {
		h.Fatal(err)
	}
	return len(page.Items)
}

// An answer that would be too long says what to ask for instead; asked for that, the server
// answers.
func TestAnswersAreBounded(t *testing.T) {
	const limit = 40_000
	l := openLiveWith(t, transport.Options{MaxAnswer: limit, MaxBackOfficeAnswer: 1 << 20}, nil)
	cid := l.Channel("news")
	anna := l.User("anna")
	for i := range 100 {
		l.Say(cid, fmt.Sprint(i)+strings.Repeat("ü", 500))
	}
	ask := func(args, selected string) string {
		return fmt.Sprintf(`{"query":%s}`, apitest.Quote(`{messages(cid:"livestream:news",`+args+`)`+selected+`}`))
	}
	ways := map[string]func(token, body string) string{
		"HTTP": func(token, body string) string {
			return l.Send("POST", l.URL, body, map[string]string{"Authorization": "Bearer " + token}).Text
		},
		"WebSocket": func(token, body string) string {
			s := l.greet(token)
			s.send(`{"id":"1","type":"subscribe","payload":` + body + `}`)
			text, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			var m struct{ Payload json.RawMessage }
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				t.Fatalf("%v: %.300s", err, text)
			}
			return string(m.Payload)
		},
		"SSE": func(token, body string) string {
			text := events(t, bufio.NewReader(l.follow(token, body)), 1)
			_, data, _ := strings.Cut(text, "data: ")
			return strings.TrimSpace(data)
		},
	}
	for way, send := range ways {
		for _, row := range []struct{ args, selected, told, instead string }{
			{"last:100", "{nodes{id text}}", "Ask for last: 30, or for fewer fields.", "last:30"},
			{"first:100", "{nodes{id text}}", "Ask for first: 30, or for fewer fields.", "first:30"},
			{"last:100", "{nodes{id text} edges{node{text}}}", "Ask for last: 18, or for fewer fields.", "last:18"},
			{"last:3", "{nodes{" + roomful(45, "text") + "}}", "Ask for fewer fields, or for last: 1.", "last:1"},
		} {
			answer := send(anna, ask(row.args, row.selected))
			var r apitest.Reply
			if err := json.Unmarshal([]byte(answer), &r); err != nil {
				t.Fatalf("%s: %v: %.300s", way, err, answer)
			}
			want := fmt.Sprintf("The answer would be longer than %d bytes. %s", limit, row.told)
			field, _, _ := strings.Cut(row.args, ":")
			if len(r.Errors) != 1 || r.Errors[0].Message != want || r.Errors[0].Code() != "INVALID_ARGUMENTS" ||
				r.Errors[0].Field() != field || fmt.Sprint(r.Errors[0].Path) != "[messages]" || r.Data != nil {
				t.Errorf("%s %s: %.400s", way, row.args, answer)
			}
			if row.instead == "last:1" {
				continue // that is still too long
			}
			if answer := send(anna, ask(row.instead, row.selected)); !strings.HasPrefix(answer, `{"data":{"messages":`) || len(answer) > limit+100 {
				t.Errorf("%s: %s is answered by %d bytes %.200s", way, row.instead, len(answer), answer)
			}
			if answer := send(l.Token, ask(row.args, row.selected)); !strings.HasPrefix(answer, `{"data":{"messages":`) || !json.Valid([]byte(answer)) {
				t.Errorf("%s: to the back office: %.200s", way, answer)
			}
		}
	}
	if !unused(l.server.Memory()) {
		t.Error("memory is leased afterwards")
	}
}

// After the caller has gone, nothing more is resolved.
func TestRootsAreNotResolvedForNobody(t *testing.T) {
	for _, kind := range []string{"query", "mutation"} {
		ctx, cancel := context.WithCancel(transport.WithRequest(context.Background(), desk.Request{Caller: auth.Caller{ID: "alice", Roles: []string{"BO"}}}))
		resolved := 0
		third := func() {
			if resolved++; resolved == 3 {
				cancel()
			}
		}
		o := transport.Options{Desk: desk.New(desk.Options{}), Verifier: apitest.NewVerifier(t)}
		s := serve(o, stub{Resolver: &graph.Resolver{Desk: o.Desk},
			list:   func(context.Context) ([]chat.Channel, error) { third(); return nil, nil },
			delete: func(context.Context) error { third(); return nil }})
		root := "allChannels{id}"
		if kind == "mutation" {
			root = "deleteChannels(input:{cids:[]})"
		}
		oc, errs := s.Operation(ctx, kind+"{"+roomful(20, root)+"}", nil)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		s.Run(ctx, oc)
		if resolved != 3 {
			t.Errorf("%d fields of the %s were resolved", resolved, kind)
		}
		if !unused(s.Memory()) {
			t.Error("memory is leased afterwards")
		}
	}
}
