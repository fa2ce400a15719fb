package graph

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
	"backchannel/internal/sqlstore"
)

const secret = "a secret for tests, 32 bytes long"

// house is the API over a real engine on a database of its own, as a client
// sees it.
type house struct {
	testing.TB
	url      string
	token    string // of a caller with the role BO
	provider chat.Provider
	log      *syncBuffer // what the operator reads
}

// open starts a house. Options are taken as given, but for what every house has.
func open(t testing.TB, o Options) *house {
	t.Helper()
	h := &house{TB: t, provider: newEngine(t), log: &syncBuffer{}}
	o.Desk = desk.New(desk.Options{Provider: h.provider})
	o.Verifier = newVerifier(t)
	o.Logger = slog.New(slog.NewJSONHandler(h.log, nil))
	h.serve(New(o))
	return h
}

func (h *house) serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	h.Cleanup(server.Close)
	h.url = server.URL + "/graphql"
	h.token = mint(h, auth.Grant{Subject: "alice", Name: "Alice", Roles: []string{"BO"}})
}

func newEngine(t testing.TB) *engine.Engine {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{
		Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		e.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func newVerifier(t testing.TB) *auth.Verifier {
	t.Helper()
	v, err := auth.New(t.Context(), auth.Config{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mint(t testing.TB, g auth.Grant) string {
	t.Helper()
	if g.TTL == 0 {
		g.TTL = time.Hour
	}
	token, err := auth.Mint(secret, g)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reply is a response, read.
type reply struct {
	status int
	header http.Header
	text   string
	Data   map[string]any
	Errors []replyError
}

type replyError struct {
	Message    string
	Locations  []struct{ Line, Column int }
	Path       []any
	Extensions map[string]any
}

func (e replyError) code() string  { s, _ := e.Extensions["code"].(string); return s }
func (e replyError) field() string { s, _ := e.Extensions["field"].(string); return s }

// send does one HTTP request. Header values of "" are left out.
func (h *house) send(method, url, body string, header map[string]string) reply {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		h.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &r); err != nil {
			h.Fatalf("the answer is not JSON: %v: %.200s", err, text)
		}
	}
	return r
}

// ask posts an operation as the back office.
func (h *house) ask(query string, variables any) reply {
	h.Helper()
	return h.askAs(h.token, query, variables)
}

func (h *house) askAs(token, query string, variables any) reply {
	h.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		h.Fatal(err)
	}
	header := map[string]string{"Authorization": "Bearer " + token}
	if token == "" {
		header = nil
	}
	return h.send(http.MethodPost, h.url, string(body), header)
}

// raw posts with headers that a map of single values can't hold.
func (h *house) raw(req *http.Request, body string) reply {
	h.Helper()
	var err error
	if req.URL, err = url.Parse(h.url); err != nil {
		h.Fatal(err)
	}
	req.Body = io.NopCloser(strings.NewReader(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode, header: resp.Header}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	r.text = string(text)
	if err := json.Unmarshal(text, &r); err != nil {
		h.Fatalf("the answer is not JSON: %v: %.200s", err, text)
	}
	return r
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
