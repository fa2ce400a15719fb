package graph_test

import (
	"log/slog"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/logtest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/emulator"
	"backchannel/internal/transport"
)

// openOffice serves the API over an engine on SQLite, with a channel, a message and users.
func openOffice(t *testing.T) *apitest.Server {
	t.Helper()
	return openOfficeOn(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
}

func openOfficeOn(t *testing.T, where sqlstore.Options) *apitest.Server {
	t.Helper()
	return serveOffice(t, func(logger *slog.Logger) chat.Provider { return apitest.NewLoggingEngine(t, where, logger) })
}

// openOfficeOnHosted serves an office over hosted Stream.
func openOfficeOnHosted(t *testing.T) *apitest.Server {
	t.Helper()
	e, err := emulator.New(t.Context(), emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	far := httptest.NewServer(e)
	t.Cleanup(func() {
		far.Close()
		_ = e.Close()
	})
	return serveOffice(t, func(logger *slog.Logger) chat.Provider {
		store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "near.db")})
		if err != nil {
			t.Fatal(err)
		}
		p, err := stream.New(stream.Options{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: far.URL, Store: store,
			AvatarBaseURL: "https://media.example", TryTimeout: time.Minute, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			p.Close()
			_ = store.Close()
		})
		return p
	})
}

func serveOffice(t *testing.T, provider func(*slog.Logger) chat.Provider) *apitest.Server {
	t.Helper()
	s := serve(t, provider)
	s.MustAsk(`mutation{a:createOrUpdateChannel(input:{id:"news",name:"News"})
		b:upsertChatUsers(input:{users:[{id:"anna",name:"Anna"},{id:"bob",name:"Bob",role:MODERATOR}]}){users{id}}
		c:addMembers(input:{cid:"livestream:news",userIds:["anna"]}){cid}}`, nil)
	_, err := s.Provider.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}},
		Message: chat.Message{ID: "m1", CID: chat.CID{Type: chat.Livestream, ID: "news"}, Sender: chat.User{ID: "anna"}, Text: "secret words"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve serves the API over a provider as it is.
func serve(t *testing.T, provider func(*slog.Logger) chat.Provider) *apitest.Server {
	t.Helper()
	s := &apitest.Server{TB: t, Logged: &logtest.Log{}}
	logger := slog.New(slog.NewJSONHandler(s.Logged, nil))
	s.Provider = provider(logger)
	d := desk.New(desk.Options{Provider: s.Provider, Mint: func(user string, ttl time.Duration) (string, error) {
		return auth.Mint(apitest.Secret, auth.Grant{Subject: user, TTL: ttl})
	}})
	s.Serve(graph.New(transport.Options{Desk: d, Verifier: apitest.NewVerifier(t), Logger: logger}))
	return s
}

// changes are the records that match, newest first.
func changes(s *apitest.Server, filter string) (list []map[string]any) {
	s.Helper()
	data := s.MustAsk(`{changes`+filter+`{nodes{id operation by via reason requestId address outcome targetCount targets{kind cid userId item before after}}}}`, nil)
	for _, c := range data["changes"].(map[string]any)["nodes"].([]any) {
		list = append(list, c.(map[string]any))
	}
	return list
}

// leavesNone are the mutations of customers, of which the row that they write is the record.
var leavesNone = []string{"sendMessageToChannel", "sendMessage", "addReaction", "removeReaction", "markRead", "sendTyping"}

// testedApart are mutations of the staff about what another change left, and about
// announcements, jobs, plans and webhooks: see bin_test.go, announcement_test.go, plan_test.go
// and webhook_test.go.
var testedApart = []string{"undo", "eraseNow",
	"createAnnouncement", "updateAnnouncement", "deleteAnnouncement", "sendAnnouncement", "cancelAnnouncement", "editAnnouncement", "recallAnnouncement",
	"pauseJob", "resumeJob", "stopJob", "retryJob", "applyPlan",
	"updateWebhook", "deleteWebhook", "rotateWebhookSecret", "revealWebhookSecrets", "testWebhook", "replayWebhook", "retryWebhookDelivery"}

// staff are the mutations of the staff, and what each is about. A mutation that is new in the
// schema needs a row here, or in leavesNone.
var staff = map[string]struct{ input, target string }{
	"createOrUpdateChannel": {`id:"news",name:"Renamed"`, "channel livestream:news"},
	"freezeChannel":         {`cid:"livestream:news",frozen:true`, "channel livestream:news"},
	"addMembers":            {`cid:"livestream:news",userIds:["bob"]`, "member livestream:news bob"},
	"removeMembers":         {`cid:"livestream:news",userIds:["anna"]`, "member livestream:news anna"},
	"editMessage":           {`cid:"livestream:news",messageId:"m1",text:"other words"`, "message livestream:news anna m1"},
	"pinMessage":            {`cid:"livestream:news",messageId:"m1",pinned:true`, "message livestream:news anna m1"},
	"deleteMessage":         {`cid:"livestream:news",messageId:"m1"`, "message livestream:news anna m1"},
	"setRoleToUsersOnChat":  {`userId:"anna",role:ADMIN`, "user anna"},
	"setRoles":              {`userIds:["anna"],role:MODERATOR`, "user anna"},
	"upsertChatUsers":       {`users:[{id:"anna",name:"Anne"}]`, "user anna"},
	"banUser":               {`userId:"anna"`, "restriction anna ban"},
	"unbanUser":             {`userId:"anna"`, "restriction anna ban"},
	"muteUser":              {`userId:"anna",cid:"livestream:news"`, "restriction livestream:news anna mute"},
	"unmuteUser":            {`userId:"anna",cid:"livestream:news"`, "restriction livestream:news anna mute"},
	"createUserToken":       {`userId:"anna"`, "user anna"},
	"revokeUserTokens":      {`userId:"anna"`, "user anna"},
	"createWebhook":         {`url:"https://crm.example.com/hook"`, "webhook "},
	"deleteChannels":        {`cids:["livestream:news"]`, "channel livestream:news"},
}

func TestEveryMutationOfTheStaffLeavesOneRecord(t *testing.T) {
	t.Parallel()
	rows, schema := 0, graph.Schema(nil, &graph.Resolver{}).Executable.Schema()
	for _, field := range schema.Mutation.Fields {
		name := field.Name
		_, isStaff := staff[name]
		switch {
		case strings.HasPrefix(name, "__") || slices.Contains(leavesNone, name) || slices.Contains(testedApart, name):
			continue
		case !isStaff:
			t.Errorf("%s has no row: say what its record is about, or why it leaves none", name)
			continue
		}
		rows++
		input := schema.Types[field.Arguments.ForName("input").Type.Name()]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if input.Fields.ForName("reason") == nil {
				t.Errorf("%s has no reason", input.Name)
			}
			recordsEach(openOffice(t), name)
		})
	}
	if rows != len(staff) {
		t.Errorf("%d of %d rows are of mutations", rows, len(staff))
	}
}

// On PostgreSQL one office does all of it, what removes something at the end.
func TestEveryMutationLeavesOneRecordOnPostgreSQL(t *testing.T) {
	t.Parallel()
	s := openOfficeOn(t, sqlstore.Options{URL: pgtest.Open(t)})
	for _, name := range removingLast() {
		recordsEach(s, name)
	}
}

// removingLast are the staff's mutations, with those at the end that remove what others are about.
func removingLast() []string {
	last := []string{"deleteMessage", "deleteChannels"}
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(staff)), func(name string) bool { return slices.Contains(last, name) })
	return append(list, last...)
}

// lacking are the mutations that hosted Stream has none of.
var lacking = []string{"muteUser", "unmuteUser", "revokeUserTokens"}

// On hosted Stream a record is made of two rows, before the call and after it, and shown as one.
func TestEveryMutationLeavesOneRecordOnHosted(t *testing.T) {
	t.Parallel()
	s := openOfficeOnHosted(t)
	for _, name := range removingLast() {
		switch {
		case slices.Contains(lacking, name):
			before := len(changes(s, ""))
			got := s.Ask(`mutation{`+name+`(input:{`+staff[name].input+`}){__typename}}`, nil)
			if len(got.Errors) != 1 || got.Errors[0].Code() != "UNSUPPORTED" || len(changes(s, "")) != before {
				t.Errorf("%s answered %s", name, got.Text)
			}
		default:
			recordsEach(s, name)
		}
	}
}

// recordsEach does a mutation twice and looks for the record of each.
func recordsEach(s *apitest.Server, name string) {
	s.Helper()
	row, selection, schema := staff[name], "", graph.Schema(nil, &graph.Resolver{}).Executable.Schema()
	if schema.Types[schema.Mutation.Fields.ForName(name).Type.Name()].IsCompositeType() {
		selection = "{__typename}"
	}
	before := changes(s, "")
	for range 2 { // the second changes nothing, and is recorded too
		got := s.Ask(`mutation{x:`+name+`(input:{`+row.input+`,reason:"because"})`+selection+`}`, nil)
		if len(got.Errors) > 0 || len(got.Extensions.Changes) != 1 || got.Extensions.Changes[0].Path[0] != "x" {
			s.Fatalf("%s answered %s with changes %v", name, got.Text, got.Extensions.Changes)
		}
		after := changes(s, "")
		if len(after) != len(before)+1 {
			s.Fatalf("%s left %d records, want one", name, len(after)-len(before))
		}
		before = after
		c := after[0]
		if c["id"] != got.Extensions.Changes[0].ID || c["operation"] != name || c["by"] != "alice" || c["via"] != "GRAPHQL" ||
			c["reason"] != "because" || c["requestId"] != got.Header.Get("X-Request-Id") || c["address"] != "127.0.0.1" || c["outcome"] != "DONE" {
			s.Errorf("the record is %v", c)
		}
		if !strings.Contains(s.Logged.String(), got.Extensions.Changes[0].ID) {
			s.Error("the log has no line of it")
		}
	}
	if log := s.Logged.String(); !strings.Contains(log, row.target) || strings.Contains(log, "secret words") {
		s.Errorf("want %q in the log, and no text: %s", row.target, log)
	}
}

func TestWhatCustomersDoLeavesNoRecord(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	before := len(changes(s, ""))
	anna := apitest.Mint(t, auth.Grant{Subject: "anna"})
	for _, mutation := range []string{
		`sendMessage(input:{cid:"livestream:news",text:"hi"}){message{id}}`,
		`addReaction(input:{cid:"livestream:news",messageId:"m1",type:"like"}){message{id}}`,
		`removeReaction(input:{cid:"livestream:news",messageId:"m1",type:"like"}){message{id}}`,
		`markRead(input:{cid:"livestream:news"}){cid}`,
		`sendTyping(input:{cid:"livestream:news",typing:true}){cid}`,
		`editMessage(input:{cid:"livestream:news",messageId:"m1",text:"mine"}){message{id}}`,
		`deleteMessage(input:{cid:"livestream:news",messageId:"m1"}){messageId}`,
	} {
		if got := s.AskAs(anna, "mutation{"+mutation+"}", nil); len(got.Errors) > 0 || len(got.Extensions.Changes) > 0 {
			t.Errorf("%s: %s %v", mutation, got.Text, got.Extensions.Changes)
		}
	}
	if got := s.Ask(`mutation{sendMessageToChannel(input:{channelId:"news",text:"all"})}`, nil); len(got.Errors) > 0 || len(got.Extensions.Changes) > 0 {
		t.Errorf("a send left a record: %s", got.Text)
	}
	if n := len(changes(s, "")); n != before {
		t.Errorf("there are %d records more", n-before)
	}
}

func TestRefusedAttempts(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	refused := func() int { return len(changes(s, `(filter:{outcome:REFUSED})`)) }
	anna := apitest.Mint(t, auth.Grant{Subject: "anna"})
	for _, row := range []struct {
		name, token, query string
		more               int
	}{
		{"a privileged mutation", anna, `mutation{setRoleToUsersOnChat(input:{userId:"anna",role:ADMIN})}`, 1},
		{"once more within a minute", anna, `mutation{setRoleToUsersOnChat(input:{userId:"anna",role:ADMIN})}`, 0},
		{"another one", anna, `mutation{banUser(input:{userId:"bob"}){userId}}`, 1},
		{"by somebody else", apitest.Mint(t, auth.Grant{Subject: "eve"}), `mutation{banUser(input:{userId:"bob"}){userId}}`, 1},
		{"a query for the back office", anna, `{chatUsers{nodes{id}}}`, 1},
		{"a message of somebody else's", apitest.Mint(t, auth.Grant{Subject: "eve"}), `mutation{deleteMessage(input:{cid:"livestream:news",messageId:"m1"}){messageId}}`, 1},
		{"a customer's operation", apitest.Mint(t, auth.Grant{Subject: "eve"}), `mutation{markRead(input:{cid:"livestream:news"}){cid}}`, 0},
		{"no token", "", `mutation{deleteChannels(input:{cids:["livestream:news"]})}`, 0},
		{"a bad token", anna + "x", `mutation{deleteChannels(input:{cids:["livestream:news"]})}`, 0},
	} {
		before := refused()
		got := s.AskAs(row.token, row.query, nil)
		if len(got.Errors) != 1 || got.Errors[0].Code() != "UNAUTHORIZED" {
			t.Errorf("%s: answered %s", row.name, got.Text)
		}
		if more := refused() - before; more != row.more {
			t.Errorf("%s: %d records more, want %d", row.name, more, row.more)
		}
	}
}

func TestRepeatByKeyNamesTheFirstChange(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	ask := func() string {
		got := s.Send("POST", s.URL, `{"query":"mutation{freezeChannel(input:{cid:\"livestream:news\",frozen:true}){channel{frozen}}}"}`,
			map[string]string{"Authorization": "Bearer " + s.Token, "Idempotency-Key": "k"})
		if len(got.Extensions.Changes) != 1 {
			t.Fatalf("answered %s", got.Text)
		}
		return got.Extensions.Changes[0].ID
	}
	first, n := ask(), len(changes(s, ""))
	if again := ask(); again != first || len(changes(s, "")) != n {
		t.Errorf("the repeat names %s after %s; %d records more", again, first, len(changes(s, ""))-n)
	}
}
