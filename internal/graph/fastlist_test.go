package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// lister runs allChannels over given channels, by gqlgen's way or ours.
type lister struct {
	*runner
	channels []chat.Channel
}

func newLister() *lister {
	l := &lister{}
	l.runner = newRunner(Options{Dev: true}, stub{
		Resolver: &Resolver{},
		list:     func(context.Context) ([]chat.Channel, error) { return l.channels, nil },
	}, presenter{})
	return l
}

// run answers a query; ok is false where it isn't valid.
func (l *lister) run(t testing.TB, query string, slow bool) (data string, ok bool) {
	t.Helper()
	ctx := withRequest(t.Context(), desk.Request{Caller: auth.Caller{ID: "alice"}})
	oc, errs := l.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: map[string]any{"t": true, "f": false}})
	if len(errs) > 0 {
		return errs.Error(), false
	}
	if slow {
		oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
	}
	next, ctx := l.DispatchOperation(ctx, oc)
	res := next(ctx)
	if len(res.Errors) > 0 {
		t.Fatalf("%s: %v", query, res.Errors)
	}
	return string(res.Data), true
}

// same checks that both ways give the same bytes, and gives them.
func (l *lister) same(t testing.TB, query string) string {
	t.Helper()
	slow, ok := l.run(t, query, true)
	if !ok {
		return ""
	}
	fast, _ := l.run(t, query, false)
	if fast != slow {
		t.Errorf("%s\n fast: %s\n slow: %s", query, fast, slow)
	}
	if !json.Valid([]byte(fast)) && strings.ToValidUTF8(fast, "") == fast {
		t.Errorf("%s: not JSON: %s", query, fast)
	}
	return fast
}

func channel(id, name, avatar string) chat.Channel {
	return chat.Channel{CID: chat.CID{Type: chat.Team, ID: id}, Name: name, Avatar: avatar}
}

func TestChannelListEqualsGqlgens(t *testing.T) {
	l := newLister()
	l.channels = []chat.Channel{
		channel("a", "A", "https://media.example/a.png"),
		channel("b", "", ""),
		channel("c", "\"quotes\" \\ / \b\f\n\r\t\x00\x1f\x7f", "</script>&'"),
		channel("d", "\u2028\u2029 \U0001F600 שלום \ufffd", ""),
		channel("e", "not \xff UTF-8 \xe2\x82", ""),
	}
	for _, query := range []string{
		"{allChannels{id cid type name avatar}}",
		"{allChannels{__typename}}",
		"{all:allChannels{a:id b:id id id __typename t:__typename}}",
		"query($t:Boolean!,$f:Boolean!){allChannels{id@skip(if:$t) cid@skip(if:$f) name@include(if:$f) avatar@include(if:$t)}}",
		"query($t:Boolean!){allChannels{id@skip(if:$t)}}",
		"query($t:Boolean!){allChannels@skip(if:$t){id} __typename}",
		"{allChannels{...F ...on ChatStreamChannelsBoResponse{name ...{x:avatar}}}} fragment F on ChatStreamChannelsBoResponse{cid ...G id} fragment G on ChatStreamChannelsBoResponse{id type}",
		"{allChannels{id} two:allChannels{name} __typename}",
		"{...Q} fragment Q on Query{allChannels{id}}",
		"{allChannels{id} allChannels{name}}",
		"{allChannels{id} __type(name:\"Query\"){name}}",
	} {
		if got := l.same(t, query); got == "" || strings.Contains(query, "id cid") && !strings.Contains(got, `"avatar":null`) {
			t.Errorf("%s: %s", query, got)
		}
	}
	for _, none := range [][]chat.Channel{nil, {}} {
		l.channels = none
		if got := l.same(t, "{allChannels{id}}"); got != `{"allChannels":[]}` {
			t.Errorf("no channels: %s", got)
		}
	}
}

// FuzzChannelList compares the two ways over any selection and any text.
func FuzzChannelList(f *testing.F) {
	f.Add("a", "A", "https://media.example/a.png", uint64(0x0123456789abcdef))
	f.Add("", "\x00\"\\\xff\u2028", "", uint64(7))
	l := newLister()
	f.Fuzz(func(t *testing.T, id, name, avatar string, choice uint64) {
		l.channels = []chat.Channel{channel(id, name, avatar), channel(name, avatar, id)}
		l.same(t, selectionQuery(choice))
	})
}

// selectionQuery makes a query of the choices that a number holds, four bits
// each.
func selectionQuery(choice uint64) string {
	parts := [16]string{
		"id", "cid", "type", "name", "avatar", "__typename", "a:id", "b:name", "a:id@include(if:$t)",
		"name@skip(if:$t)", "avatar@include(if:$f)", "...F", "...F@skip(if:$f)",
		"...on ChatStreamChannelsBoResponse{x:cid type}", "...@include(if:$t){name y:avatar}", "...G",
	}
	var selection strings.Builder
	for ; choice > 0; choice >>= 4 {
		selection.WriteString(parts[choice&15] + " ")
	}
	if selection.Len() == 0 {
		return "{allChannels{id}}"
	}
	// Each variable and fragment is used once more, so that the query is valid.
	return "query($t:Boolean!,$f:Boolean!){allChannels{" + selection.String() + "}" +
		"rest:allChannels{...F ...G id@skip(if:$t)@include(if:$f)}}" +
		"fragment F on ChatStreamChannelsBoResponse{name z:avatar ...G}" +
		"fragment G on ChatStreamChannelsBoResponse{n:name id@include(if:$f)}"
}

func TestSelectionQueriesAreValid(t *testing.T) {
	l := newLister()
	for choice := range uint64(1 << 12) {
		if got, ok := l.run(t, selectionQuery(choice), false); !ok {
			t.Fatalf("%s: %s", selectionQuery(choice), got)
		}
	}
}

// BenchmarkAllChannels answers 10,000 channels over the handler, and beside it
// the same bytes from encoding/json. Compare cpu-ns/op: gqlgen's own way uses
// both cores.
func BenchmarkAllChannels(b *testing.B) {
	l := newLister()
	for i := range 10_000 {
		l.channels = append(l.channels, channel(fmt.Sprintf("channel-%d", i), fmt.Sprintf("Channel %d", i), "https://media.example/avatar.png"))
	}
	o := Options{Desk: desk.New(desk.Options{}), Verifier: newVerifier(b)}
	endpoint := newServer(o, stub{Resolver: &Resolver{desk: o.Desk}, list: func(context.Context) ([]chat.Channel, error) { return l.channels, nil }})
	token := mint(b, auth.Grant{Subject: "alice", Roles: []string{"BO"}})
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{allChannels{id cid type name avatar}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	b.Run("graphql", func(b *testing.B) { measure(b, endpoint, request) })
	b.Run("encoding-json", func(b *testing.B) { measure(b, plainList(l.channels), request) })
}

// plainList is the least that a JSON API does, with its rows made beforehand.
func plainList(channels []chat.Channel) http.Handler {
	type row struct {
		ID     string  `json:"id"`
		CID    string  `json:"cid"`
		Type   string  `json:"type"`
		Name   string  `json:"name"`
		Avatar *string `json:"avatar"`
	}
	rows := make([]row, len(channels))
	for i, c := range channels {
		rows[i] = row{ID: c.ID(), CID: c.CID.String(), Type: string(c.Type()), Name: c.Name, Avatar: optional(c.Avatar)}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"allChannels": rows}})
	})
}

func measure(b *testing.B, h http.Handler, request func() *http.Request) {
	b.ReportAllocs()
	before, size := cpuTime(b), 0
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request())
		size = w.Body.Len()
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(size), "bytes")
}

// cpuTime is what the process has used of all cores.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
