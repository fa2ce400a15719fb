package graph_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/graph"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/emulator"
)

// callsToStream are the calls that each document makes with nothing kept from before, in any order. A
// field that is new in the schema needs a row here, or in asksNothing.
var callsToStream = []struct{ who, document, calls string }{
	{"clerk", `{ allChannels { id } }`, "POST /channels"},
	{"clerk", `{ channel(cid: $c) { cid } }`, "GET /search, POST /channels"},
	{"anna", `{ channel(cid: $c) { cid } }`, "GET /search, POST /channels"},
	{"bob", `{ channel(cid: $c) { cid } }`, "GET /query_banned_users, GET /search, GET /users, POST /channels"}, // no member
	{"clerk", `{ channel(cid: $c) { cid } messages(cid: $c, last: 50) { nodes { id } } }`, "GET /search, POST /channels"},
	{"anna", `{ channel(cid: $c) { cid } messages(cid: $c, last: 50) { nodes { id } } members(cid: $c) { nodes { readSeq } } }`, "GET /members, GET /search, POST /channels, POST /channels/*/query"},
	{"clerk", `{ channels(first: 9) { nodes { cid } } }`, "POST /channels"},
	{"anna", `{ myChannels { nodes { cid } } }`, "GET /users, POST /channels"},
	{"clerk", `{ members(cid: $c) { nodes { readSeq } } }`, "GET /members, POST /channels, POST /channels/*/query"},
	{"anna", `{ members(cid: $c) { nodes { readSeq } } }`, "GET /members, POST /channels, POST /channels/*/query"},
	{"clerk", `{ restrictions(cid: $c) { kind } }`, "GET /query_banned_users, POST /channels"},
	{"clerk", `{ messages(cid: $c) { nodes { id } } }`, "GET /search, POST /channels"},
	{"anna", `{ messages(cid: $c) { nodes { id } } }`, "GET /search, POST /channels"},
	{"clerk", `{ lastMessages(cids: [$c]) { id } }`, "POST /channels"},
	{"clerk", `{ overview { channels users } }`, "GET /users, POST /channels"},
	{"clerk", `{ highlights { __typename } }`, "POST /channels"},
	{"clerk", `{ plan(input: {operation: FREEZE_CHANNELS, channels: {cids: [$c]}}) { digest } }`, "POST /channels"},
	{"clerk", `{ announcements { nodes { mentionedUsers { id } } } }`, "GET /users"},
	{"clerk", `{ announcement(id: $a) { mentionedUsers { id } } }`, "GET /users"},
	{"clerk", `{ announcementPlan(id: $a) { channels } }`, "GET /channeltypes, GET /users, POST /channels"},
	{"clerk", `{ chatUsers { nodes { id } } }`, "GET /users"},
	{"clerk", `{ chatUserCount }`, "GET /users"},

	{"clerk", `mutation { createOrUpdateChannel(input: {name: "New"}) }`, "POST /channels, POST /channels/*/query"},
	{"clerk", `mutation { createOrUpdateChannel(input: {id: "news", name: "Renamed"}) }`, "PATCH /channels/*, POST /channels"},
	{"clerk", `mutation { freezeChannel(input: {cid: $c, frozen: true}) { channel { frozen } } }`, "GET /search, PATCH /channels/*, POST /channels, POST /channels"},
	{"clerk", `mutation { freezeChannel(input: {cid: $c, frozen: false}) { channel { frozen } } }`, "GET /search, PATCH /channels/*, POST /channels, POST /channels"},
	{"clerk", `mutation { addMembers(input: {cid: $c, userIds: ["bob"]}) { cid } }`, "GET /members, GET /users, POST /channels, POST /channels/*"},
	{"clerk", `mutation { removeMembers(input: {cid: $c, userIds: ["bob"]}) { cid } }`, "GET /members, POST /channels, POST /channels/*"},
	{"clerk", `mutation { sendMessageToChannel(input: {channelId: "news", text: "hi"}) }`, "GET /users, PATCH /users, POST /channels, POST /channels/*/message"},
	{"anna", `mutation { sendMessage(input: {cid: $c, text: "hi"}) { message { seq } } }`, "GET /search, POST /channels, POST /channels/*/message, POST /channels/*/query"},
	{"anna", `mutation { sendMessage(input: {cid: $c, text: "/hi", mentionedUsersIds: ["bob"]}) { message { seq } } }`, "GET /search, GET /users, POST /channels, POST /channels/*/message, POST /channels/*/query"},
	{"clerk", `mutation { editMessage(input: {cid: $c, messageId: "m1", text: "other"}) { message { seq } } }`, "GET /messages/*, GET /search, POST /channels, POST /channels/*/query, PUT /messages/*"},
	{"anna", `mutation { editMessage(input: {cid: $c, messageId: "m1", text: "mine"}) { message { seq } } }`, "GET /messages/*, GET /search, POST /channels, POST /channels/*/query, PUT /messages/*"},
	{"clerk", `mutation { pinMessage(input: {cid: $c, messageId: "m1", pinned: true}) { message { seq } } }`, "GET /messages/*, GET /search, POST /channels, POST /channels/*/query, PUT /messages/*"},
	{"anna", `mutation { addReaction(input: {cid: $c, messageId: "m1", type: "like"}) { message { seq } } }`, "GET /messages/*, GET /search, POST /channels, POST /channels/*/query, POST /messages/*/reaction"},
	{"anna", `mutation { removeReaction(input: {cid: $c, messageId: "m1", type: "like"}) { message { seq } } }`, "DELETE /messages/*/reaction/*, GET /messages/*, GET /search, POST /channels, POST /channels/*/query"},
	{"anna", `mutation { markRead(input: {cid: $c}) { cid } }`, "POST /channels, POST /channels/*/read"},
	{"clerk", `mutation { deleteMessage(input: {cid: $c, messageId: "m1"}) { messageId } }`, "DELETE /messages/*, GET /messages/*, POST /channels"},
	{"clerk", `mutation { upsertChatUsers(input: {users: [{id: "bob", name: "Robert"}]}) { users { id } } }`, "GET /users, PATCH /users"},
	{"clerk", `mutation { setRoleToUsersOnChat(input: {userId: "bob", role: ADMIN}) }`, "GET /users, PATCH /users"},
	{"clerk", `mutation { setRoles(input: {userIds: ["bob"], role: MODERATOR}) { users { user { id } } } }`, "GET /users, PATCH /users"},
	{"clerk", `mutation { banUser(input: {userId: "bob"}) { __typename } }`, "GET /query_banned_users, GET /users, POST /moderation/ban"},
	{"clerk", `mutation { banUser(input: {userId: "bob", cid: $c}) { __typename } }`, "GET /query_banned_users, GET /users, POST /channels, POST /moderation/ban"},
	{"clerk", `mutation { unbanUser(input: {userId: "bob"}) { __typename } }`, "GET /query_banned_users, GET /users, POST /moderation/unban"},
	{"clerk", `mutation { createUserToken(input: {userId: "bob"}) { __typename } }`, "GET /users"},
	{"clerk", `mutation { deleteChannels(input: {cids: ["livestream:old"]}) }`, "GET /tasks/*, POST /channels/delete"},
}

// asksNothing are the fields that are answered from our own database, or refused.
var asksNothing = []string{"announcementReaders", "bin", "changes", "change", "jobs", "job", "jobRows",
	"provider", "webhooks", "webhookDeliveries", "createWebhook", "sendTyping"}

func TestCallsToStream(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(t.Context(), emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	calls := &recorder{next: e}
	far := httptest.NewServer(calls)
	t.Cleanup(func() {
		far.Close()
		_ = e.Close()
	})
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	now := &changing{}
	fresh := func(logger *slog.Logger) *stream.Provider {
		p, err := stream.New(stream.Options{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: far.URL, Store: store,
			AvatarBaseURL: "https://media.example", TryTimeout: time.Minute, ListStaleness: time.Minute, Idle: true, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	s := serveOffice(t, func(logger *slog.Logger) chat.Provider {
		now.Provider = fresh(logger)
		return now
	})
	s.MustAsk(`mutation { createOrUpdateChannel(input: {id: "old", name: "Old"}) }`, nil)
	draft := drafted(s, `{cids:["livestream:news"]}`)
	tokens := map[string]string{"clerk": s.Token, "anna": apitest.Mint(t, auth.Grant{Subject: "anna"}), "bob": apitest.Mint(t, auth.Grant{Subject: "bob"})}
	tested := map[string]bool{}
	for _, row := range callsToStream {
		var made, twice []string
		for slow := true; slow; { // again if it took longer than some answers are kept
			now.close()
			now.Provider = fresh(slog.New(slog.DiscardHandler))
			calls.forget()
			begun := time.Now()
			if got := s.AskAs(tokens[row.who], strings.NewReplacer("$c", `"livestream:news"`, "$a", `"`+draft+`"`).Replace(row.document), nil); len(got.Errors) > 0 {
				t.Errorf("%s: %s", row.document, got.Text)
			}
			slow = time.Since(begun) > time.Second
			made, twice = calls.made()
		}
		if said := strings.Join(made, ", "); said != row.calls {
			t.Errorf("%s: %s\n\t%d calls: %s\n\twant %s", row.who, row.document, len(made), said, row.calls)
		}
		if len(twice) > 0 {
			t.Errorf("%s: %s: asked twice: %q", row.who, row.document, twice)
		}
		for _, name := range roots.FindAllStringSubmatch(row.document, -1) {
			tested[name[1]] = true
		}
	}
	now.close()
	_ = store.Close()
	schema := graph.Schema(nil, &graph.Resolver{}).Executable.Schema()
	for _, field := range slices.Concat(schema.Query.Fields, schema.Mutation.Fields) {
		name := field.Name
		if !strings.HasPrefix(name, "__") && !tested[name] && !slices.Contains(asksNothing, name) && !slices.Contains(testedApart, name) && !slices.Contains(lacking, name) {
			t.Errorf("%s has no row: say which calls it makes", name)
		}
	}
}

var roots = regexp.MustCompile(`(?:^(?:mutation )?{ |\) \{[^{}]*(?:\{[^{}]*\} *)*\} )(\w+)`)

// changing is a provider that is replaced.
type changing struct{ chat.Provider }

func (c *changing) close() { c.Provider.(*stream.Provider).Close() }

// recorder notes the calls that pass it.
type recorder struct {
	next http.Handler

	mu   sync.Mutex
	seen []call
}

type call struct{ name, whole string }

var withinPath = regexp.MustCompile(`/(livestream|team)/[^/]+|/messages/[^/]+|/tasks/[^/]+|/reaction/[^/]+`)

func (c *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	path := withinPath.ReplaceAllStringFunc(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/v2"), "/chat"), func(s string) string {
		first, _, _ := strings.Cut(s[1:], "/")
		if first == "livestream" || first == "team" {
			return "/*"
		}
		return "/" + first + "/*"
	})
	c.mu.Lock()
	c.seen = append(c.seen, call{r.Method + " " + path, r.Method + " " + r.URL.String() + " " + string(body)})
	c.mu.Unlock()
	c.next.ServeHTTP(w, r)
}

func (c *recorder) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = nil
}

// made returns the names of the calls, sorted, and those questions that were asked twice without a change
// between.
func (c *recorder) made() (names, twice []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := map[string]bool{}
	for _, one := range c.seen {
		if one.name == "GET /tasks/*" && slices.Contains(names, one.name) {
			continue // it is asked for until it is done
		}
		names = append(names, one.name)
		switch reads := strings.HasPrefix(one.name, "GET ") || one.name == "POST /channels" || one.name == "POST /channels/*/query"; {
		case !reads:
			clear(asked)
		case asked[one.whole]:
			twice = append(twice, one.whole)
		default:
			asked[one.whole] = true
		}
	}
	slices.Sort(names)
	return names, twice
}
