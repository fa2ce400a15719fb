package graph

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// Each list of the schema is a page, or is as long as its field's arguments ask for, or
// has a size in listSizes. Those of a size are not counted right, unless they stand there.
func TestEveryListHasASize(t *testing.T) {
	byCaller := map[string]bool{"Query.lastMessages": true, "SetRolesPayload.users": true, "UpsertChatUsersPayload.users": true}
	known := 0
	for _, def := range servedSchema().Types {
		if def.Kind != ast.Object || strings.HasPrefix(def.Name, "__") || def.Name == "Subscription" {
			continue
		}
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			_, sized := listSizes[name]
			switch {
			case f.Type.Elem == nil && sized:
				t.Errorf("%s is no list", name)
			case f.Type.Elem == nil || strings.HasSuffix(def.Name, "Connection") || byCaller[name]:
			case !sized:
				t.Errorf("the list %s has no size", name)
			default:
				known++
			}
		}
	}
	if known != len(listSizes) {
		t.Errorf("%d of %d sizes are of lists", known, len(listSizes))
	}
}

// Every list whose items have texts is written in one go: only so is it bounded.
func TestListsAreWrittenInOneGo(t *testing.T) {
	schema := servedSchema()
	// What chat.Highlights and the like hold is few and short.
	short := map[string]bool{"Query.overview": true, "Query.highlights": true, "Query.provider": true}
	for _, def := range []*ast.Definition{schema.Query, schema.Mutation} {
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			if holdsList(schema, f.Type) && roots[name] == nil && !short[name] && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s has lists and is left to gqlgen", name)
			}
		}
	}
}

func holdsList(schema *ast.Schema, t *ast.Type) bool {
	if t.Elem != nil {
		return true
	}
	for _, f := range schema.Types[t.Name()].Fields {
		if !strings.HasPrefix(f.Name, "__") && holdsList(schema, f.Type) {
			return true
		}
	}
	return false
}

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
	h := open(t, Options{})
	h.ask(`mutation{createOrUpdateChannel(input:{name:"News"})}`, nil)
	anna := mint(h, auth.Grant{Subject: "anna"})
	const page = `messages(cid:"livestream:news",last:200)`
	const send = `sendMessage(input:{cid:"livestream:news",text:"hi"}){message`
	fragments := map[string]string{"...M": " fragment M on Message" + wholeMessage, "...T": " fragment T on Message{" + roomful(40, "text") + "}"}
	for _, row := range []struct {
		says, token, query string
		told               string // a part of the message; "" where it is answered
	}{
		{"a page of all there is", anna, "{" + page + "{nodes" + wholeMessage + "}}", ""},
		{"twenty pages of ids", anna, "{" + roomful(20, page+"{nodes{id text sender{id name}}}") + "}", ""},
		{"twenty pages of all there is", anna, "{" + roomful(20, page+"{nodes{...M}}") + "}", "values, which is more than"},
		{"as a variable says", anna, `query($n:Int=200){` + roomful(20, `messages(cid:"livestream:news",last:$n){nodes{...M}}`) + "}", "values"},
		{"twenty short pages", anna, "{" + roomful(20, `messages(cid:"livestream:news",last:10){nodes{...M}}`) + "}", ""},
		{"twice each message", anna, "{" + roomful(6, page+"{nodes{...M} edges{node{...M}}}") + "}", "values"},
		{"a page that is too long counts as long as pages are", anna, `{messages(cid:"livestream:news",last:2000000000){nodes{id}}}`, "Ask for 1 to 200 at once."},
		{"the back office likewise", h.token, "{" + roomful(20, page+"{nodes{...M}}") + "}", "values"},
		{"all channels are bounded by bytes alone", h.token, "{" + roomful(20, "allChannels{id cid type name avatar}") + "}", ""},
		{"a mutation", anna, "mutation{" + send + wholeMessage + "}}", ""},
		{"a mutation whose answer may not fit", anna, "mutation{" + roomful(3, send+"{...T}}") + "}", "The answer could be up to"},
		{"it fits for the back office", h.token, "mutation{" + roomful(3, send+"{...T}}") + "}", ""},
		{"a thousand users", h.token, "mutation{upsertChatUsers(input:{users:[" + strings.Repeat(`{id:"a",name:"a"},`, 1000) + "]}){users{" + roomful(40, "name") + "}}}", "could be up to"},
	} {
		for name, text := range fragments {
			if strings.Contains(row.query, name) {
				row.query += text
			}
		}
		before := h.history()
		r := h.askAs(row.token, row.query, nil)
		switch {
		case row.told == "" && len(r.Errors) > 0:
			t.Errorf("%s: %.300s", row.says, r.text)
		case row.told != "" && (len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, row.told)):
			t.Errorf("%s: %.300s", row.says, r.text)
		case row.told != "" && h.history() != before:
			t.Errorf("%s: there are %d messages, before there were %d", row.says, h.history(), before)
		}
	}
	r := h.askAs(anna, "{"+roomful(20, page+"{nodes{...M}}")+"}"+fragments["...M"], nil)
	if r.Errors[0].code() != "GRAPHQL_VALIDATION_FAILED" || r.Data != nil {
		t.Errorf("%.300s", r.text)
	}
}

func (h *house) history() int {
	page, err := h.provider.Messages(h.Context(), chat.MessageQuery{CID: chat.CID{Type: chat.Livestream, ID: "news"}, Limit: 200})
	if err != nil {
		h.Fatal(err)
	}
	return len(page.Items)
}

// An answer that would be too long says what to ask for instead, and that is answered.
func TestAnswersAreBounded(t *testing.T) {
	const limit = 40_000
	l := openLiveWith(t, Options{MaxAnswer: limit, MaxBackOfficeAnswer: 1 << 20}, nil)
	cid := l.channel("news")
	anna := l.user("anna")
	for i := range 100 {
		l.say(cid, fmt.Sprint(i)+strings.Repeat("ü", 500))
	}
	ask := func(args, selected string) string {
		return fmt.Sprintf(`{"query":%s}`, quote(`{messages(cid:"livestream:news",`+args+`)`+selected+`}`))
	}
	ways := map[string]func(token, body string) string{
		"HTTP": func(token, body string) string {
			return l.send("POST", l.url, body, map[string]string{"Authorization": "Bearer " + token}).text
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
			var r reply
			if err := json.Unmarshal([]byte(answer), &r); err != nil {
				t.Fatalf("%s: %v: %.300s", way, err, answer)
			}
			want := fmt.Sprintf("The answer would be longer than %d bytes. %s", limit, row.told)
			field, _, _ := strings.Cut(row.args, ":")
			if len(r.Errors) != 1 || r.Errors[0].Message != want || r.Errors[0].code() != "INVALID_ARGUMENTS" ||
				r.Errors[0].field() != field || fmt.Sprint(r.Errors[0].Path) != "[messages]" || r.Data != nil {
				t.Errorf("%s %s: %.400s", way, row.args, answer)
			}
			if row.instead == "last:1" {
				continue // that is still too long
			}
			if answer := send(anna, ask(row.instead, row.selected)); !strings.HasPrefix(answer, `{"data":{"messages":`) || len(answer) > limit+100 {
				t.Errorf("%s: %s is answered by %d bytes %.200s", way, row.instead, len(answer), answer)
			}
			if answer := send(l.token, ask(row.args, row.selected)); !strings.HasPrefix(answer, `{"data":{"messages":`) || !json.Valid([]byte(answer)) {
				t.Errorf("%s: to the back office: %.200s", way, answer)
			}
		}
	}
	if used := l.server.memory.used; used != 0 {
		t.Errorf("afterwards %d bytes are leased", used)
	}
}

// Nothing more is resolved once the caller has gone.
func TestRootsAreNotResolvedForNobody(t *testing.T) {
	for _, kind := range []string{"query", "mutation"} {
		ctx, cancel := context.WithCancel(withRequest(context.Background(), desk.Request{Caller: auth.Caller{ID: "alice", Roles: []string{"BO"}}}))
		resolved := 0
		third := func() {
			if resolved++; resolved == 3 {
				cancel()
			}
		}
		o := Options{Desk: desk.New(desk.Options{}), Verifier: newVerifier(t)}
		s := newServer(o, stub{Resolver: &Resolver{desk: o.Desk},
			list:   func(context.Context) ([]chat.Channel, error) { third(); return nil, nil },
			delete: func(context.Context) error { third(); return nil }})
		root := "allChannels{id}"
		if kind == "mutation" {
			root = "deleteChannels(input:{cids:[]})"
		}
		oc, errs := s.runner.CreateOperationContext(ctx, &graphql.RawParams{Query: kind + "{" + roomful(20, root) + "}"})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		r := s.execute(ctx, oc)
		r.release()
		if resolved != 3 {
			t.Errorf("%d fields of the %s were resolved", resolved, kind)
		}
		if s.memory.used != 0 {
			t.Errorf("%d bytes are leased", s.memory.used)
		}
	}
}

// A list that is being written ends when the caller goes.
func TestListsEndForNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var m memory
	l, err := m.lease(ctx, chunkSize)
	if err != nil {
		t.Fatal(err)
	}
	o := newOutput(ctx, nil, 1<<30, l)
	o.begin()
	list := make([]int, 1_000_000)
	written := 0
	b := appendList(o, nil, list, func(b []byte, _ *int) []byte {
		if written++; written == 100_000 {
			cancel()
		}
		if b = append(b, "0123456789"...); len(b) > o.room && !o.more(len(b)) {
			return nil
		}
		return b
	})
	if b != nil || written > 150_000 || !errors.Is(o.failed, context.Canceled) {
		t.Errorf("%d items were written: %v", written, o.failed)
	}
	l.end()
	if m.used != 0 {
		t.Errorf("%d bytes are leased", m.used)
	}
}
