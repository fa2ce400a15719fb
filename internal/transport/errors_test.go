package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
	"backchannel/internal/logtest"
	"backchannel/internal/transport"
)

// stub is the resolvers, with two fields that a test provides.
type stub struct {
	*graph.Resolver
	list   func(context.Context) ([]chat.Channel, error)
	delete func(context.Context) error
}

type (
	stubQuery struct {
		generated.QueryResolver
		stub
	}
	stubMutation struct {
		generated.MutationResolver
		stub
	}
)

func (s stub) Query() generated.QueryResolver { return stubQuery{s.Resolver.Query(), s} }
func (s stub) Mutation() generated.MutationResolver {
	return stubMutation{s.Resolver.Mutation(), s}
}
func (s stubQuery) AllChannels(ctx context.Context) ([]chat.Channel, error) { return s.list(ctx) }
func (s stubMutation) DeleteChannels(ctx context.Context, _ model.DeleteStreamChatChanelInput) (*bool, error) {
	if err := s.delete(ctx); err != nil {
		return nil, err
	}
	return new(true), nil
}

// serve is the API with resolvers of a test's.
func serve(o transport.Options, r generated.ResolverRoot) *transport.Server {
	return transport.New(o, graph.Schema(o.Desk, r))
}

// openStub serves a stub, whose fields are named allChannels and deleteChannels.
func openStub(t *testing.T, s stub) *apitest.Server {
	t.Helper()
	h := &apitest.Server{TB: t, Logged: &logtest.Log{}}
	o := transport.Options{
		Desk: desk.New(desk.Options{Provider: apitest.NewEngine(t)}), Verifier: apitest.NewVerifier(t), Timeout: 50 * time.Millisecond,
		Logger: slog.New(slog.NewJSONHandler(h.Logged, nil)),
	}
	s.Resolver = &graph.Resolver{Desk: o.Desk}
	h.Serve(serve(o, s))
	return h
}

const deleteQuery = `mutation Purge {
  gone: deleteChannels(input: {cids: ["livestream:secret-cid"]})
}`

// However lines end, the location of a mistake is the same.
func TestLocationsCountLinesAsEverybodyDoes(t *testing.T) {
	t.Parallel()
	h := apitest.Open(t, transport.Options{})
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		for document, want := range map[string][2]int{
			"{|  x|}": {2, 3},
			"# a comment||query A {|  __typename|  x|}":                          {5, 3},
			"{|  allChannels {|    cid|    nothing|  }|}":                        {4, 5},
			"query ($a: Int) {|  channels(first: $a) {|    nodes { cid } }  y|}": {3, 22},
			`{|  __type(name: """a|  b""") { name } z|}`:                         {3, 18},
			"{|  a(|}": {3, 1},
		} {
			got := h.Ask(strings.ReplaceAll(document, "|", end), nil)
			if len(got.Errors) == 0 || len(got.Errors[0].Locations) == 0 {
				t.Fatalf("%s: %q is answered %s", name, document, got.Text)
			}
			if at := got.Errors[0].Locations[0]; at.Line != want[0] || at.Column != want[1] {
				t.Errorf("%s: %q fails at %d:%d, want %d:%d: %s", name, document, at.Line, at.Column, want[0], want[1], got.Errors[0].Message)
			}
		}
	}
}

// Each row says how a resolver fails, and what the caller and the operator see.
func TestFieldErrors(t *testing.T) {
	const (
		internal = transport.InternalMessage
		unknown  = `"outcome":"UNKNOWN"`
	)
	unavailable := chat.Undecided(nil).Message // the resolver is a mutation's
	for _, row := range []struct {
		name    string
		fail    func(context.Context) error
		code    chat.Code
		message string
		more    string // of extensions
		level   string // of the log line; "" for none
		logged  string
	}{
		{name: "a rule", fail: fails(chat.Invalid("input.cids[0]", "Give a cid.")), code: chat.InvalidArguments, message: "Give a cid.", more: `"field":"input.cids[0]"`},
		{name: "wrapped", fail: fails(fmt.Errorf("deleting: %w", chat.Missing("", "No such channel."))), code: chat.NotFound, message: "No such channel."},
		{name: "in part", fail: fails(&chat.Error{Code: chat.Unavailable, Message: "Try again.", Remaining: []chat.CID{{Type: "team", ID: "a"}}, Cause: errors.New("dial tcp")}),
			code: chat.Unavailable, message: "Try again.", more: `"remaining":["team:a"]`, level: "WARN", logged: "dial tcp"},
		{name: "not allowed", fail: fails(chat.Denied(errors.New("no role"))), code: chat.Unauthorized, message: chat.Denied(nil).Message, level: "INFO", logged: "no role"},
		{name: "a conflict", fail: fails(&chat.Error{Code: chat.Conflict, Message: "The key is taken."}), code: chat.Conflict, message: "The key is taken."},
		{name: "a bug that is told", fail: fails(&chat.Error{Code: chat.Internal, Message: "inner", Cause: errors.New("cause 1")}), code: chat.Internal, message: internal, level: "ERROR", logged: "cause 1"},
		{name: "a bug", fail: fails(errors.New("sql: no such table")), code: chat.Internal, message: internal, level: "ERROR", logged: "no such table"},
		{name: "an error of no kind", fail: fails(&chat.Error{}), code: chat.Internal, message: internal, level: "ERROR"},
		{name: "a nil that is an error", fail: fails((*chat.Error)(nil)), code: chat.Internal, message: internal, level: "ERROR"},
		{name: "a panic", fail: func(context.Context) error { panic("boom") }, code: chat.Internal, message: internal, level: "ERROR", logged: "panic: boom"},
		{name: "a nil pointer", fail: func(context.Context) error { c := map[string]*chat.Channel{}["none"]; return errors.New(c.Name) }, code: chat.Internal, message: internal, level: "ERROR", logged: "nil pointer"},
		{name: "too slow", fail: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, code: chat.Unavailable, message: unavailable, more: unknown, level: "WARN", logged: "deadline"},
		{name: "too slow, wrapped", fail: func(ctx context.Context) error {
			<-ctx.Done()
			return &chat.Error{Code: chat.Internal, Cause: fmt.Errorf("reading: %w", ctx.Err())}
		}, code: chat.Unavailable, message: unavailable, more: unknown, level: "WARN", logged: "deadline"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := openStub(t, stub{delete: row.fail})
			got := h.Ask(deleteQuery, nil)
			if got.Status != 200 || len(got.Errors) != 1 || !strings.HasSuffix(got.Text, `,"data":{"gone":null}}`) {
				t.Fatalf("answered %d %s", got.Status, got.Text)
			}
			e := got.Errors[0]
			if e.Code() != string(row.code) || e.Message != row.message || !strings.Contains(got.Text, row.more) {
				t.Errorf("answered %s", got.Text)
			}
			if len(e.Path) != 1 || e.Path[0] != "gone" || len(e.Locations) != 1 || e.Locations[0].Line != 2 || e.Locations[0].Column != 3 {
				t.Errorf("path %v, locations %v", e.Path, e.Locations)
			}
			id := got.Header.Get("X-Request-Id")
			if told := e.Extensions["requestId"]; (row.code == chat.Internal) != (told == id) {
				t.Errorf("requestId is %v", told)
			}
			wantLog(h, row.level, row.logged, id)
		})
	}
}

func fails(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// wantLog checks that the operator was told once, of the right request, without
// a secret.
func wantLog(h *apitest.Server, level, text, id string) {
	h.Helper()
	log := h.Logged.String()
	if level == "" {
		if log != "" {
			h.Errorf("logged %s", log)
		}
		return
	}
	var line struct {
		Level, Operation, Caller, Cause, Stack string
		RequestID                              string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(log), &line); err != nil {
		h.Fatalf("want one line: %s", log)
	}
	if line.Level != level || !strings.Contains(line.Cause, text) || line.RequestID != id || line.Operation != "Purge" || line.Caller != "alice" {
		h.Errorf("logged %s", log)
	}
	if strings.HasPrefix(line.Cause, "panic") != strings.Contains(line.Stack, "goroutine") {
		h.Errorf("the stack is %q", line.Stack)
	}
	for _, hidden := range []string{h.Token, "secret-cid", "Bearer"} {
		if strings.Contains(log, hidden) {
			h.Errorf("the log tells %q", hidden)
		}
	}
}

func TestUnauthorized(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	expired := apitest.Mint(t, auth.Grant{Subject: "alice", Roles: []string{"BO"}, Now: time.Now().Add(-2 * time.Hour)})
	tokens := map[string]string{
		"no token": "", "bad token": "x.y.z", "expired token": expired,
		"back-office role": apitest.Mint(t, auth.Grant{Subject: "carol", Roles: []string{"bo"}}),
	}
	answers := map[string]bool{}
	for cause, token := range tokens {
		h.Logged.Reset()
		got := h.AskAs(token, "mutation Make{createOrUpdateChannel(input:{name:\"N\"})}", nil)
		if got.Status != 200 || len(got.Errors) != 1 || got.Errors[0].Code() != "UNAUTHORIZED" {
			t.Errorf("%s: %d %s", cause, got.Status, got.Text)
		}
		answers[got.Text] = true
		if log := h.Logged.String(); !strings.Contains(log, cause) || !strings.Contains(log, `"level":"INFO"`) || token != "" && strings.Contains(log, token) {
			t.Errorf("%s: logged %s", cause, log)
		}
	}
	if len(answers) != 1 {
		t.Errorf("the answer tells the cause: %v", answers)
	}
	if all := h.Ask("{allChannels{id}}", nil); all.Text != `{"data":{"allChannels":[]}}` {
		t.Errorf("something happened: %s", all.Text)
	}
}

func TestEachRootFieldHasItsError(t *testing.T) {
	h := apitest.Open(t, transport.Options{})
	var query strings.Builder
	for i := range 20 {
		fmt.Fprintf(&query, "m%d:deleteChannels(input:{cids:[\"team:x\"]})", i)
	}
	got := h.AskAs("", "mutation{"+query.String()+"}", nil)
	if len(got.Errors) != 20 || len(got.Data) != 20 {
		t.Errorf("%d errors for %d fields", len(got.Errors), len(got.Data))
	}
}

func TestTimeIsOverBeforeItBegan(t *testing.T) {
	h := openStub(t, stub{})
	o := transport.Options{Desk: desk.New(desk.Options{}), Verifier: apitest.NewVerifier(t), Timeout: time.Nanosecond}
	h.Serve(graph.New(o))
	if got := h.Ask(deleteQuery, nil); got.Status != 200 || got.Errors[0].Code() != "UNAVAILABLE" || got.Data != nil {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}

func TestPanicOutsideOfFields(t *testing.T) {
	h := openStub(t, stub{})
	o := transport.Options{Desk: desk.New(desk.Options{}), Logger: slog.New(slog.NewJSONHandler(h.Logged, nil))}
	h.Serve(graph.New(o)) // without a verifier
	got := h.Ask(deleteQuery, nil)
	if got.Status != 500 || got.Errors[0].Code() != "INTERNAL" || !strings.Contains(h.Logged.String(), "stack") {
		t.Errorf("%d %s, logged %s", got.Status, got.Text, h.Logged)
	}
}
