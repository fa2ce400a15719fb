package streamapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi"
)

const (
	testKey    = "a-key"
	testSecret = "a-secret-of-thirty-two-characters"
)

// client calls a server of its own.
type client struct {
	t     *testing.T
	url   string
	token string
	media *media.Store
	store *sqlstore.Store
	chat  *engine.Engine
}

type object = map[string]any

func newClient(t *testing.T) *client {
	t.Helper()
	return newClientOn(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
}

// onBoth runs a test on each database.
func onBoth(t *testing.T, test func(t *testing.T, c *client)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newClient(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newClientOn(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func newClientOn(t *testing.T, where sqlstore.Options) *client {
	t.Helper()
	return newClientAt(t, where, time.Now)
}

// newClientAt is for a test that would end otherwise on the next day.
func newClientAt(t *testing.T, where sqlstore.Options, clock func() time.Time) *client {
	t.Helper()
	store, err := sqlstore.Open(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example.com/", Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	files := media.New(media.Options{Database: store, Location: t.TempDir(), Spool: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	api, err := streamapi.New(streamapi.Options{Engine: e, Key: testKey, Secret: testSecret, Media: files, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /media/chat/{name}", files.ServeFile)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		e.Close()
		_ = files.Close()
		_ = store.Close()
	})
	return &client{t: t, url: server.URL, token: sign(t, testSecret, jwt.MapClaims{"server": true}), media: files, store: store, chat: e}
}

func sign(t *testing.T, secret string, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// call makes a request and returns the answer's status and JSON.
func (c *client) call(method, path string, body any) (int, object) {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	return c.post(method, path, "application/json", reader)
}

// post makes a request with a body of some type.
func (c *client) post(method, path, contentType string, body io.Reader) (int, object) {
	c.t.Helper()
	resp, err := http.DefaultClient.Do(c.request(c.t.Context(), method, path, contentType, body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer object
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, answer
}

func (c *client) request(ctx context.Context, method, path, contentType string, body io.Reader) *http.Request {
	c.t.Helper()
	address, err := url.Parse(c.url + path)
	if err != nil {
		c.t.Fatal(err)
	}
	query := address.Query()
	query.Set("api_key", testKey)
	address.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", c.token)
	req.Header.Set("Content-Type", contentType)
	return req
}

// ok makes a request that must succeed.
func (c *client) ok(method, path string, body any) object {
	c.t.Helper()
	status, answer := c.call(method, path, body)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// refused makes a request that must fail with one of Stream's codes.
func (c *client) refused(method, path string, body any, status, code int) {
	c.t.Helper()
	got, answer := c.call(method, path, body)
	if got != status || answer["code"] != float64(code) || answer["StatusCode"] != float64(status) {
		c.t.Fatalf("%s %s: %d %v; want code %d, status %d", method, path, got, answer, code, status)
	}
}

func (c *client) withToken(token string) *client {
	other := *c
	other.token = token
	return &other
}

func (c *client) users(ids ...string) {
	c.t.Helper()
	users := object{}
	for _, id := range ids {
		users[id] = object{"id": id, "name": "Name of " + id}
	}
	c.ok("POST", "/api/v2/users", object{"users": users})
}

// at walks through a JSON value.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, ok := v.(object)
			if !ok {
				t.Fatalf("%v has no %q", v, step)
			}
			v = o[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("%v has no item %d", v, step)
			}
			v = list[step]
		}
	}
	return v
}
