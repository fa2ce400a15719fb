package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/engine"
	"backchannel/internal/graph"
	"backchannel/internal/logtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/transport"
	"backchannel/internal/webhook"
)

// Secret signs the tokens.
const Secret = "a secret for tests, 32 bytes long"

// Server is the API over an engine on a database of its own.
type Server struct {
	testing.TB
	URL      string
	Token    string // of alice, who has the role BO
	Provider chat.Provider
	Logged   *logtest.Log // the server's log
}

// Open starts a server with the given options, plus those that every server needs.
func Open(t testing.TB, o transport.Options) *Server {
	t.Helper()
	s := &Server{TB: t, Provider: NewEngine(t), Logged: &logtest.Log{}}
	o.Desk = desk.New(desk.Options{Provider: s.Provider})
	o.Verifier = NewVerifier(t)
	o.Logger = slog.New(slog.NewJSONHandler(s.Logged, nil))
	s.Serve(graph.New(o))
	return s
}

// Serve makes a handler answer at the server's URL.
func (s *Server) Serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	s.Cleanup(server.Close)
	s.URL = server.URL + "/graphql"
	s.Token = Mint(s, auth.Grant{Subject: "alice", Name: "Alice", Roles: []string{"BO"}})
}

// NewEngine opens an engine on a database of its own.
func NewEngine(t testing.TB) *engine.Engine {
	return NewLoggingEngine(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}, slog.New(slog.DiscardHandler))
}

// NewLoggingEngine opens an engine on the given database, with a log.
func NewLoggingEngine(t testing.TB, where sqlstore.Options, logger *slog.Logger) *engine.Engine {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	sender := webhook.New(webhook.Options{Private: true, Logger: logger})
	e := engine.New(engine.Options{
		Store: store, AvatarBaseURL: "https://media.example", Logger: logger, Webhooks: sender})
	t.Cleanup(func() {
		e.Close()
		sender.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// NewVerifier returns a verifier of tokens that are signed with [Secret].
func NewVerifier(t testing.TB) *auth.Verifier {
	t.Helper()
	v, err := auth.New(t.Context(), auth.Config{Secret: Secret})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Mint returns a token, valid for an hour unless the grant sets a TTL.
func Mint(t testing.TB, g auth.Grant) string {
	t.Helper()
	if g.TTL == 0 {
		g.TTL = time.Hour
	}
	token, err := auth.Mint(Secret, g)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Reply is a response.
type Reply struct {
	Status int
	Header http.Header
	Text   string
	Data   map[string]any
	Errors []ReplyError

	Extensions struct{ Changes []ReplyChange } // omitted in Text
}

// ReplyChange is the record of a mutation's change.
type ReplyChange struct {
	Path []any
	ID   string
}

// ReplyError is an error in a response.
type ReplyError struct {
	Message    string
	Locations  []struct{ Line, Column int }
	Path       []any
	Extensions map[string]any
}

// Code returns the error's code.
func (e ReplyError) Code() string { s, _ := e.Extensions["code"].(string); return s }

// Field returns the invalid input field.
func (e ReplyError) Field() string { s, _ := e.Extensions["field"].(string); return s }

// Send makes an HTTP request. Headers without a value are omitted.
func (s *Server) Send(method, address, body string, header map[string]string) Reply {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		s.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	return s.do(req)
}

// Raw posts a request whose headers a map of single values can't express.
func (s *Server) Raw(req *http.Request, body string) Reply {
	s.Helper()
	var err error
	if req.URL, err = url.Parse(s.URL); err != nil {
		s.Fatal(err)
	}
	req.Body = io.NopCloser(strings.NewReader(body))
	return s.do(req)
}

func (s *Server) do(req *http.Request) Reply {
	s.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	r := Reply{Status: resp.StatusCode, Header: resp.Header, Text: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &r); err != nil {
			s.Fatalf("the answer is not JSON: %v: %.200s", err, text)
		}
	}
	if len(r.Extensions.Changes) > 0 { // their ids aren't known in advance
		r.Text = r.Text[:strings.LastIndex(r.Text, `,"extensions":{"changes":`)] + "}"
	}
	return r
}

// Ask posts an operation as the back office.
func (s *Server) Ask(query string, variables any) Reply {
	s.Helper()
	return s.AskAs(s.Token, query, variables)
}

// AskAs posts an operation with a token, or without one if that is empty.
func (s *Server) AskAs(token, query string, variables any) Reply {
	s.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		s.Fatal(err)
	}
	header := map[string]string{"Authorization": "Bearer " + token}
	if token == "" {
		header = nil
	}
	return s.Send(http.MethodPost, s.URL, string(body), header)
}

// MustAsk posts an operation as the back office and fails the test if there are errors.
func (s *Server) MustAsk(query string, variables any) map[string]any {
	s.Helper()
	got := s.Ask(query, variables)
	if len(got.Errors) > 0 {
		s.Fatalf("%s: %s", query, got.Text)
	}
	return got.Data
}

// Channel creates a livestream channel and returns its cid.
func (s *Server) Channel(id string) string {
	s.Helper()
	s.MustAsk(`mutation($id:String!){createOrUpdateChannel(input:{id:$id,name:$id})}`, map[string]any{"id": id})
	return "livestream:" + id
}

// Say sends a message to a channel as the back office.
func (s *Server) Say(cid, text string) {
	s.Helper()
	s.MustAsk(`mutation($c:String!,$t:String!){sendMessage(input:{cid:$c,text:$t}){message{id}}}`, map[string]any{"c": cid, "t": text})
}

// User creates a user and returns a token of that user.
func (s *Server) User(id string) string {
	s.Helper()
	s.MustAsk(`mutation($id:String!){upsertChatUsers(input:{users:[{id:$id,name:$id}]}){users{id}}}`, map[string]any{"id": id})
	return Mint(s, auth.Grant{Subject: id, Name: id})
}

// Quote returns a string as JSON.
func Quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
