package transfer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi"
	"backchannel/internal/streamapi/emulator"
	"backchannel/internal/streamapi/transfer"
)

// rewriting is a network that changes answers.
type rewriting struct {
	http.RoundTripper
	answer func(r *http.Request, text string) string // nil for as they are
}

// RoundTrip implements http.RoundTripper.
func (n rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.RoundTripper.RoundTrip(r)
	if err != nil || n.answer == nil {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader([]byte(n.answer(r, string(text)))))
	resp.ContentLength = -1
	return resp, err
}

func newServer(t *testing.T, o transfer.ServerOptions, answer func(*http.Request, string) string) *transfer.Server {
	t.Helper()
	o.Transport, o.Logger = rewriting{o.Transport, answer}, slog.New(slog.DiscardHandler)
	s, err := transfer.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// hosted is a side that holds what a seed says.
func hosted(t *testing.T, seed string, answer func(*http.Request, string) string) (*transfer.Server, *emulator.Emulator) {
	t.Helper()
	e, err := emulator.New(t.Context(), emulator.Options{Seed: []byte(seed)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		_ = e.Close()
	})
	o := transfer.ServerOptions{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: server.URL, Transport: http.DefaultTransport}
	return newServer(t, o, answer), e
}

// ours is an empty engine of our own.
func ours(t *testing.T, answer func(*http.Request, string) string) *transfer.Server {
	t.Helper()
	return ourServer(t, ourEngine(t), answer)
}

func ourServer(t *testing.T, api *streamapi.Server, answer func(*http.Request, string) string) *transfer.Server {
	t.Helper()
	return newServer(t, transfer.ServerOptions{Key: "k", Secret: "s", BaseURL: "http://engine", Transport: api, Ours: true}, answer)
}

func ourEngine(t *testing.T) *streamapi.Server {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Options{Store: store, Logger: logger})
	t.Cleanup(func() {
		e.Close()
		_ = store.Close()
	})
	api, err := streamapi.New(streamapi.Options{Engine: e, Key: "k", Secret: "s", Logger: logger, Transfer: true})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

const sample = `{"users": [{"id": "anna", "name": "Anna"}, {"id": "bob", "name": "NAME"}],
	"channels": [{"type": "team", "id": "one", "data": {"created_by_id": "anna", "custom": {"name": "CHANNEL"},
		"members": [{"user_id": "anna", "custom": {"note": "MEMBER"}}]},
		"messages": [{"id": "m1", "user_id": "anna", "text": "TEXT"}, {"id": "m2", "user_id": "bob", "text": "good"},
			{"id": "r", "user_id": "bob", "text": "REPLY", "parent_id": "m2"},
			{"id": "m3", "user_id": "anna", "text": "custom", "custom": {"note": "NOTE"}},
			{"id": "m4", "user_id": "anna", "text": "file", "attachments": [{"type": "file", "title": "TITLE"}]}]}]}`

// retyped has the messages of a text be of another type.
func retyped(said, kind string) func(*http.Request, string) string {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			if v["text"] == said {
				v["type"] = kind
			}
			for _, one := range v {
				walk(one)
			}
		}
	}
	return func(_ *http.Request, text string) string {
		var tree any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&tree) != nil {
			return text
		}
		walk(tree)
		changed, _ := json.Marshal(tree) // it was JSON
		return string(changed)
	}
}

// What can't be carried to the other side as it is isn't written there changed, and is reported.
func TestWhatIsNotCarriedIsReported(t *testing.T) {
	t.Parallel()
	instead := func(old, with string) func(*http.Request, string) string {
		return func(_ *http.Request, text string) string { return strings.ReplaceAll(text, old, with) }
	}
	for _, row := range []struct {
		name     string
		from, to func(r *http.Request, text string) string
		says     string
		messages int
		out      transfer.LeftOut
	}{
		{"all is carried", nil, nil, "", 5, transfer.LeftOut{}},
		{"half a surrogate pair in a text", instead("TEXT", `\ud800`), nil, "message m1 of team:one isn't copied: text in text isn't well-formed Unicode", 4, transfer.LeftOut{}},
		{"a byte that isn't UTF-8 in a text", instead("TEXT", "\xff"), nil, "message m1 of team:one isn't copied", 4, transfer.LeftOut{}},
		{"such a reply", instead("REPLY", `\udc00`), nil, "message r of team:one isn't copied", 4, transfer.LeftOut{}},
		{"such custom data", instead("NOTE", `\ud800`), nil, "message m3 of team:one isn't copied: text in custom", 4, transfer.LeftOut{}},
		{"such an attachment", instead("TITLE", `\ud800`), nil, "message m4 of team:one isn't copied: text in attachments", 4, transfer.LeftOut{}},
		{"such a user's name, not the messages", instead("NAME", `\ud800`), nil, "user bob isn't copied: text in name", 5, transfer.LeftOut{}},
		{"such a member", instead("MEMBER", `\ud800`), nil, "member anna of team:one isn't copied: text in custom", 5, transfer.LeftOut{}},
		{"such a channel", instead("CHANNEL", `\ud800`), nil, "channel team:one isn't copied: text in custom", 0, transfer.LeftOut{}},
		{"a message that a hook refused", retyped("TEXT", "error"), nil, "", 4, transfer.LeftOut{Unposted: 1}},
		{"a reply for its sender alone", retyped("REPLY", "ephemeral"), nil, "", 4, transfer.LeftOut{Unposted: 1}},
		{"a message that the other side answers as an error", nil, retyped("TEXT", "error"), "message m1 of team:one was refused: answered with a message of type error: TEXT", 4, transfer.LeftOut{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			from, _ := hosted(t, sample, row.from)
			report, err := transfer.Run(t.Context(), transfer.Options{From: from, To: ours(t, row.to)})
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(report.Differences, "\n"); !strings.Contains(said, row.says) || row.says == "" && said != "" {
				t.Errorf("differences: %q, want %q", said, row.says)
			}
			if report.Messages.To != row.messages || report.LeftOut != row.out {
				t.Errorf("%+v, left out %+v; want %d messages and %+v", report.Messages, report.LeftOut, row.messages, row.out)
			}
		})
	}
}

// An answer without what was written is an error, also if its status is 200.
func TestAnUntoldWriteEndsATransfer(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/v2/users", "/api/v2/chat/channels/team/one/query", "/api/v2/chat/channels/team/one", "/api/v2/chat/channels/team/one/message"} {
		from, _ := hosted(t, sample, nil)
		_, err := transfer.Run(t.Context(), transfer.Options{From: from, To: ours(t, func(r *http.Request, text string) string {
			if r.Method == http.MethodPost && r.URL.Path == path {
				return `{"duration":"1ms"}`
			}
			return text
		})})
		if err == nil || !strings.Contains(err.Error(), "doesn't tell") {
			t.Errorf("%s answers nothing: %v", path, err)
		}
	}
}

// Reactions that the other side refuses, or Stream counts and doesn't list, are counted.
func TestReactionsThatAreNotCarried(t *testing.T) {
	t.Parallel()
	from, e := hosted(t, sample, func(r *http.Request, text string) string {
		text = strings.ReplaceAll(text, `"like":1`, `"like":1500`)
		if strings.HasSuffix(r.URL.Path, "/m2/reactions") { // two more of one user than we take
			list, n := &strings.Builder{}, 0
			for ; n < 12; n++ {
				fmt.Fprintf(list, `{"type":"word%d","score":1,"user_id":"bob","user":{"id":"bob"},"created_at":%d,"updated_at":%d},`, n, n+1, n+1)
			}
			return `{"duration":"1ms","reactions":[` + strings.TrimSuffix(list.String(), ",") + `]}`
		}
		return text
	})
	for _, message := range []string{"m1", "m2"} {
		req := httptest.NewRequest(http.MethodPost, "/api/v2/chat/messages/"+message+"/reaction?api_key="+emulator.DefaultKey,
			strings.NewReader(`{"reaction":{"type":"like","user_id":"anna"}}`))
		req.Header.Set("Authorization", e.Token(""))
		w := httptest.NewRecorder()
		if e.ServeHTTP(w, req); w.Code > 299 {
			t.Fatal(w.Body)
		}
	}
	report, err := transfer.Run(t.Context(), transfer.Options{From: from, To: ours(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(report.Differences, "\n")
	for _, want := range []string{
		"reaction word10 of bob to message m2 was refused: ", "reaction word11 of bob to message m2 was refused: ",
		"reactions of team:one differ: 13 here, 11 there, 11 of them the same",
		"2987 reactions in team:one are counted there and not listed",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("differences: %s; want %s", said, want)
		}
	}
	if report.Reactions != (transfer.Tally{From: 13, To: 11, Written: 11}) {
		t.Errorf("%+v", report.Reactions)
	}
}
