package transport_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

// Each row is what the server sends for one subscribe message with the id 1, in whole or in
// part.
func TestSubscribeMessages(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	l.Say(cid, "one")
	on := func(rest string) string { return `subscription{channelEvents(cid:"` + cid + `",after:0)` + rest + `}` }
	for _, row := range []struct {
		name, query string
		variables   any
		want        []string
	}{
		{"a query", "{__typename}", nil, []string{
			`{"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}`, `{"id":"1","type":"complete"}`}},
		{"a mutation", `mutation{createOrUpdateChannel(input:{id:"x",name:"x"})}`, nil, []string{
			`{"id":"1","type":"next","payload":{"data":{"createOrUpdateChannel":true},"extensions":{"changes":[{"path":["createOrUpdateChannel"],"id":"`, `{"id":"1","type":"complete"}`}},
		{"a query that fails", `{messages(cid:"livestream:none"){nodes{id}}}`, nil, []string{`{"id":"1","type":"next","payload":{"errors":[`, `{"id":"1","type":"complete"}`}},
		{"a syntax error", "{", nil, []string{`{"id":"1","type":"error","payload":[{"message":`}},
		{"an unknown field", "{x}", nil, []string{`"code":"GRAPHQL_VALIDATION_FAILED"`}},
		{"a missing variable", channelEvents, nil, []string{`"code":"INVALID_ARGUMENTS"`}},
		{"a bad after", channelEvents, map[string]any{"cid": cid, "after": -1}, []string{`"code":"INVALID_ARGUMENTS"`}},
		{"two fields", `subscription{backofficeEvents{seq} b:backofficeEvents{seq}}`, nil, []string{`"code":"GRAPHQL_VALIDATION_FAILED"`}},
		{"no field", `subscription{__typename}`, nil, []string{`"code":"GRAPHQL_VALIDATION_FAILED"`}},
		{"a field left out", `subscription{backofficeEvents@skip(if:true){seq}}`, nil, []string{`"code":"GRAPHQL_VALIDATION_FAILED"`}},
		{"no such channel", `subscription{e:channelEvents(cid:"livestream:none"){seq}}`, nil, []string{
			`"locations":[{"line":1,"column":14}],"path":["e"],"extensions":{"code":"NOT_FOUND","field":"cid"}}]}`}},
		{"aliases", `subscription{e:channelEvents(cid:"` + cid + `",after:0){s:seq t:type}}`, nil, []string{
			`{"id":"1","type":"next","payload":{"data":{"e":{"s":1,"t":"message.new"}}}}`}},
		{"fragments", on(`{...E}`) + ` fragment E on ChannelEvent{message{...on Message{text}}}`, nil, []string{
			`{"id":"1","type":"next","payload":{"data":{"channelEvents":{"message":{"text":"one"}}}}}`}},
		{"directives", `subscription($no:Boolean!){channelEvents(cid:"` + cid + `",after:0){seq type@skip(if:$no)}}`, map[string]any{"no": true}, []string{
			`{"id":"1","type":"next","payload":{"data":{"channelEvents":{"seq":1}}}}`}},
		{"__typename", on("{__typename cid}"), nil, []string{
			`{"id":"1","type":"next","payload":{"data":{"channelEvents":{"__typename":"ChannelEvent","cid":"livestream:news"}}}}`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := l.greet(l.Token)
			s.subscribe("1", row.query, row.variables)
			for _, want := range row.want {
				if got, err := s.next(); err != nil || !strings.Contains(got, want) {
					t.Fatalf("got %s %v, want %s", got, err, want)
				}
			}
			s.send(`{"type":"ping"}`) // nothing else is on its way
			s.want(`{"type":"pong"}`)
		})
	}
}

// An id may be used again as soon as either side has ended its operation.
func TestIDsAreUsedAgain(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	s := l.greet(l.Token)
	for i := range 50 {
		s.subscribe("1", "{__typename}", nil)
		s.want(`{"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}`)
		s.want(`{"id":"1","type":"complete"}`)
		s.subscribe("1", `{`, nil)
		if e := s.event(); e.Type != "error" {
			t.Fatalf("got %s", e.Text)
		}
		s.subscribe("1", channelEvents, map[string]any{"cid": cid})
		if i%2 == 0 {
			eventually(t, func() bool { return l.members() == 1 })
		}
		s.send(`{"id":"1","type":"complete"}`)
		eventually(t, func() bool { return l.members() == 0 })
	}
}

func TestTokenOfTheUpgrade(t *testing.T) {
	l := openLive(t, nil)
	s := l.dial(http.Header{"Authorization": {"Bearer " + l.Token}})
	s.send(`{"type":"connection_init"}`)
	s.want(`{"type":"connection_ack"}`)
	s = l.dial(http.Header{"Authorization": {"Bearer " + l.Token}})
	s.send(`{"type":"connection_init","payload":{"authorization":"Bearer x"}}`)
	s.wantClose(transport.CloseForbidden)
}

// A subscription ends with an error when its user loses the right to read. Others go on.
func TestRightsAreTakenAway(t *testing.T) {
	for name, take := range map[string]func(l *live, cid string){
		"by removal": func(l *live, cid string) {
			l.MustAsk(`mutation($c:String!){removeMembers(input:{cid:$c,userIds:["anna"]}){cid}}`, map[string]any{"c": cid})
		},
		"by a ban":                 func(l *live, _ string) { l.ban("anna") },
		"by a ban in the channel":  func(l *live, cid string) { l.banFrom("anna", cid) },
		"by the channel's removal": func(l *live, cid string) { l.delete(cid) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openLive(t, nil)
			anna, ben := l.greet(l.User("anna")), l.greet(l.User("ben"))
			l.MustAsk(`mutation{createOrUpdateChannel(input:{id:"club",name:"Club",type:Messaging})}`, nil)
			cid := "messaging:club"
			l.MustAsk(`mutation{addMembers(input:{cid:"messaging:club",userIds:["anna","ben"]}){cid}}`, nil)
			anna.listen(l, "a", cid, nil)
			ben.listen(l, "b", cid, nil)
			take(l, cid)
			code := "UNAUTHORIZED"
			if name == "by the channel's removal" {
				code = "NOT_FOUND"
			} else {
				l.Say(cid, "secret")
				for e := ben.event(); e.Event.Message == nil; e = ben.event() {
					if e.Type != "next" {
						t.Fatalf("ben got %s", e.Text)
					}
				}
			}
			for {
				e := anna.event()
				if e.Event.Message != nil {
					t.Fatalf("anna heard %s", e.Text)
				}
				if e.Type == "error" && e.Code() == code {
					break
				}
			}
			anna.send(`{"type":"ping"}`)
			anna.want(`{"type":"pong"}`)
		})
	}
}

// Presence and typing reach the subscribers, with the seq of the event before.
func TestEphemeralEvents(t *testing.T) {
	l := openLive(t, nil)
	annas := l.User("anna")
	anna, clerk := l.greet(annas), l.greet(l.Token)
	cid := l.Channel("news")
	l.MustAsk(`mutation{addMembers(input:{cid:"livestream:news",userIds:["anna"]}){cid}}`, nil)
	clerk.listen(l, "c", cid, nil)
	anna.listen(l, "a", cid, nil)
	if e := clerk.event(); e.Event.Type != "user.presence.changed" || e.Event.User.ID != "anna" || !*e.Event.Online || e.Event.Seq != 1 {
		t.Errorf("got %s", e.Text)
	}
	got := l.AskAs(annas, `mutation{sendTyping(input:{cid:"livestream:news",typing:true}){cid}}`, nil)
	if e := clerk.event(); e.Event.Type != "typing.start" || e.Event.Seq != 1 {
		t.Errorf("%s: got %s", got.Text, e.Text)
	}
	_ = anna.Close()
	if e := clerk.event(); e.Event.Type != "user.presence.changed" || *e.Event.Online {
		t.Errorf("got %s", e.Text)
	}
}

// A user who types or comes online is shown with the name that the chat has, not the
// token's: a client's cache would take a null for the name.
func TestEphemeralEventsShowTheStoredUser(t *testing.T) {
	t.Parallel()
	l := openLive(t, nil)
	cid := l.Channel("news")
	l.MustAsk(`mutation{upsertChatUsers(input:{users:[{id:"anna",name:"Anna"}]}){users{id}}}`, nil)
	l.MustAsk(`mutation{addMembers(input:{cid:"livestream:news",userIds:["anna"]}){cid}}`, nil)
	clerk := l.greet(l.Token)
	before := l.members()
	clerk.subscribe("c", `subscription{channelEvents(cid:"livestream:news"){type user{id name role createdAt}}}`, nil)
	eventually(t, func() bool { return l.members() > before })
	shown := func(id, name string) {
		t.Helper()
		text, err := clerk.next()
		if want := `"user":{"id":"` + id + `","name":` + name; err != nil || !strings.Contains(text, want) || strings.Contains(text, "errors") {
			t.Errorf("got %s %v, want %s", text, err, want)
		}
	}
	annas := apitest.Mint(l, auth.Grant{Subject: "anna"}) // without a name, as createUserToken makes them
	l.AskAs(annas, `mutation{sendTyping(input:{cid:"livestream:news",typing:true}){cid}}`, nil)
	shown("anna", `"Anna"`)
	anna := l.greet(annas)
	anna.listen(l, "a", cid, nil)
	shown("anna", `"Anna"`)
	_ = anna.Close()
	shown("anna", `"Anna"`)
	l.AskAs(apitest.Mint(l, auth.Grant{Subject: "new"}), `mutation{sendTyping(input:{cid:"livestream:news",typing:true}){cid}}`, nil)
	shown("new", `null`)
}

// Many clients subscribe with many documents and leave, some without closing. Nothing of
// them stays.
func TestNothingIsLeftBehind(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	t.Run("a busy day", func(t *testing.T) {
		l := openLive(t, nil)
		cid := l.Channel("news")
		for i := range 30 {
			s := l.greet(apitest.Mint(l, auth.Grant{Subject: fmt.Sprint("user-", i)}))
			for j := range 3 {
				s.subscribe(fmt.Sprint(j), strings.Replace(channelEvents, "seq", strings.Repeat("seq ", j+1), 1), map[string]any{"cid": cid, "after": 0})
			}
			if i%3 == 0 {
				_ = s.Close()
			}
			l.Say(cid, "hello")
		}
	})
	http.DefaultClient.CloseIdleConnections()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines were %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
