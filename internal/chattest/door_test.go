package chattest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5" // as in internal/auth

	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/engine"
	"backchannel/internal/graph"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi"
	"backchannel/internal/transport"
)

// A chat has two doors: GraphQL and Stream's API. The tests in door_row_test.go
// act through one and look through both.

const (
	doorKey    = "a-key"
	doorSecret = "a secret for tests, 32 bytes long"
)

// bothDoors is one chat with both doors open.
type bothDoors struct {
	url    string
	server string // token for Stream's API
	later  atomic.Int64
	worlds int

	// deskEnd is how far rows have read the back office's log, so that a row doesn't read the
	// events of all rows before it.
	deskEnd int64
}

func openDoors(t *testing.T, where sqlstore.Options) *bothDoors {
	t.Helper()
	b := &bothDoors{}
	store, err := sqlstore.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	clock := func() time.Time { return time.Now().Add(time.Duration(b.later.Load())) }
	// Alone, so that no event comes only because the engine looks for changes by others.
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example/", Logger: quiet, Clock: clock, Alone: true})
	verifier, err := auth.New(t.Context(), auth.Config{Secret: doorSecret})
	if err != nil {
		t.Fatal(err)
	}
	api, err := streamapi.New(streamapi.Options{Engine: e, Key: doorKey, Secret: doorSecret, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.New(transport.Options{Desk: desk.New(desk.Options{Provider: e}), Verifier: verifier, Logger: quiet}))
	mux.Handle("/api/v2/", api)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		e.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	b.url = server.URL
	if b.server, err = jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"server": true}).SignedString([]byte(doorSecret)); err != nil {
		t.Fatal(err)
	}
	return b
}

func onSQLite(t *testing.T) sqlstore.Options {
	return sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}
}

// world is the users and channels of one row. Their ids end in its mark, so that many rows
// share a chat; tests write and read them without it.
type world struct {
	*testing.T
	*bothDoors
	mark   string
	labels map[string]string // ids of messages by their label, such as "m1"
	gone   string            // the user who is being erased
}

type object = map[string]any

// The people of a world. Alice, bob and carol, who follows the room, are its members; dave
// isn't. The room is for members, the hall is open to all.
var people = []string{"alice", "bob", "carol", "dave"}

const staff = "clerk"

func (b *bothDoors) world(t *testing.T) *world {
	t.Helper()
	b.worlds++
	w := &world{T: t, bothDoors: b, mark: fmt.Sprintf("-w%d", b.worlds), labels: map[string]string{}}
	var users []object
	for _, name := range append([]string{staff}, people...) {
		users = append(users, object{"id": w.id(name), "name": title(name)})
	}
	w.must(w.ask(staff, `mutation($u:[ChatUserInput!]!){upsertChatUsers(input:{users:$u}){users{id}}}`, object{"u": users}))
	w.must(create("room", "Room").graph(w))
	w.must(create("hall", "Hall").graph(w))
	w.must(add("room", "alice", "bob", "carol").graph(w))
	return w
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// id is the id of a user, channel or message in the chat.
func (w *world) id(name string) string { return name + w.mark }

func (w *world) ids(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = w.id(name)
	}
	return list
}

// name returns the row's name for an id. The ids of messages are long and random.
func (w *world) name(id string) string {
	for label, known := range w.labels {
		if known == id {
			return label
		}
	}
	return strings.TrimSuffix(id, w.mark)
}

// message returns the id of a message, which may not exist.
func (w *world) message(label string) string {
	if id, known := w.labels[label]; known {
		return id
	}
	return label + w.mark
}

func kindOf(channel string) string {
	if channel == "hall" {
		return "livestream"
	}
	return "messaging"
}

func (w *world) cid(channel string) string { return kindOf(channel) + ":" + w.id(channel) }

// refusal is an error with the door's own code.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

func (w *world) must(_ object, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) token(who string) string {
	w.Helper()
	g := auth.Grant{Subject: w.id(who), Name: title(who), TTL: time.Hour}
	if who == staff {
		g.Roles = []string{"BO"}
	}
	token, err := auth.Mint(doorSecret, g)
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// ask calls GraphQL as a user.
func (w *world) ask(who, query string, variables object) (object, error) {
	w.Helper()
	return w.askAs(w.token(who), query, variables)
}

func (w *world) askAs(token, query string, variables object) (object, error) {
	w.Helper()
	var answer struct {
		Data   object
		Errors []struct {
			Message    string
			Extensions object
		}
	}
	resp := w.request(http.MethodPost, "/graphql", "Bearer "+token, "application/json", object{"query": query, "variables": variables})
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	if len(answer.Errors) > 0 {
		return nil, &refusal{fmt.Sprint(answer.Errors[0].Extensions["code"]), answer.Errors[0].Message}
	}
	return answer.Data, nil
}

// rest calls Stream's API as a server does.
func (w *world) rest(method, path string, body any) (object, error) {
	w.Helper()
	address, err := url.Parse(path)
	if err != nil {
		w.Fatal(err)
	}
	query := address.Query()
	query.Set("api_key", doorKey)
	resp := w.request(method, "/api/v2"+address.EscapedPath()+"?"+query.Encode(), w.server, "application/json", body)
	defer resp.Body.Close()
	var answer object
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, &refusal{fmt.Sprint(answer["code"]), fmt.Sprint(answer["message"])}
	}
	return answer, nil
}

func (w *world) request(method, path, authorization, accept string, body any) *http.Response {
	w.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, bytes.NewReader(text))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	return resp
}

// watch reads the events of a subscription.
type watch struct {
	w      *world
	resp   *http.Response
	events *bufio.Scanner
	first  *event // what begin read; nil once it is returned
}

const channelEvents = `subscription($cid:String!,$after:Seq){events:channelEvents(cid:$cid,after:$after){
	seq type user{id} message{id text} reaction readSeq}}`

// watch opens a subscription as a user.
func (w *world) watch(who, query string, variables object) *watch {
	w.Helper()
	resp := w.request(http.MethodPost, "/graphql", "Bearer "+w.token(who), "text/event-stream", object{"query": query, "variables": variables})
	if resp.StatusCode != http.StatusOK {
		w.Fatalf("watching as %s: %d", who, resp.StatusCode)
	}
	time.AfterFunc(patience, func() { resp.Body.Close() })
	return &watch{w: w, resp: resp, events: bufio.NewScanner(resp.Body)}
}

const patience = 20 * time.Second

// event is an event of either subscription.
type event struct {
	Seq      int64
	Type     string
	CID      string
	User     struct{ ID string }
	Message  *struct{ ID, Text string }
	Reaction string
	ReadSeq  int64
	end      string // the code with which the subscription ended
}

// next waits for the next event, or the end.
func (o *watch) next() event {
	o.w.Helper()
	if e := o.first; e != nil {
		o.first = nil
		return *e
	}
	for o.events.Scan() {
		text, found := strings.CutPrefix(o.events.Text(), "data:")
		if text = strings.TrimSpace(text); !found || text == "" {
			continue
		}
		var got struct {
			Data   struct{ Events *event }
			Errors []struct{ Extensions object }
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			o.w.Fatalf("an event: %v: %s", err, text)
		}
		switch {
		case len(got.Errors) > 0:
			return event{end: fmt.Sprint(got.Errors[0].Extensions["code"])}
		case got.Data.Events != nil:
			return *got.Data.Events
		}
	}
	o.w.Fatalf("a subscription brought nothing more within %s", patience)
	return event{}
}

// begin waits until the subscriber is present in the channel, or refused. Otherwise what follows
// could come before the subscription.
func (o *watch) begin() *watch {
	o.w.Helper()
	e := o.next()
	o.first = &e
	return o
}

// until collects what comes before the event that the test made last.
func (o *watch) until(last func(event) bool) (list []event) {
	o.w.Helper()
	defer o.resp.Body.Close()
	for {
		e := o.next()
		if last(e) {
			return list
		}
		list = append(list, e)
		if e.end != "" {
			return list
		}
	}
}

// erased reports whether an id in an event is that of the user who is being erased. Events show the
// name as long as it is there.
func (w *world) erased(id string) bool {
	return w.gone != "" && (id == "deleted-user" || id == w.id(w.gone))
}

func (w *world) who(id string) string {
	switch {
	case id == "":
		return "a server"
	case w.erased(id):
		return "gone"
	}
	return w.name(id)
}

// line returns an event in the form that rows use.
func (w *world) line(e event) string {
	if e.end != "" {
		return "end " + e.end
	}
	parts := []string{e.Type, w.who(e.User.ID)}
	if e.CID != "" {
		_, id, _ := strings.Cut(e.CID, ":")
		parts = append(parts, "in "+w.name(id))
	}
	if e.Message != nil {
		parts = append(parts, w.name(e.Message.ID), fmt.Sprintf("%q", e.Message.Text))
	}
	if e.Reaction != "" {
		parts = append(parts, e.Reaction)
	}
	return strings.Join(parts, " ")
}
