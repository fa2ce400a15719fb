package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/emulator"
)

// The emulator's webhooks are what a server over hosted Stream understands, also if
// they are lost, doubled, late or in another order.
func TestWebhooks(t *testing.T) {
	e, url := start(t, emulator.Options{Seed: []byte(`{"users": [{"id": "anna", "name": "Anna"}],
		"channels": [{"type": "livestream", "id": "news", "data": {"created_by_id": "anna", "custom": {"name": "News"}}}]}`)})
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	p, err := stream.New(stream.Options{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: url, AvatarBaseURL: "https://a.example",
		Store: store, Logger: slog.New(slog.DiscardHandler), PollEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	server := httptest.NewServer(http.HandlerFunc(p.ServeHook))
	t.Cleanup(server.Close)
	client, err := stream.NewClient(stream.ClientOptions{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	if _, err := stream.SetHook(t.Context(), client, server.URL); err != nil {
		t.Fatal(err)
	}
	cid := chat.CID{Type: chat.Livestream, ID: "news"}
	feed, err := p.Subscribe(t.Context(), chat.Subscribe{By: chat.Actor{ID: "clerk", BackOffice: true}, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(feed.Close)
	var heard []string
	hear := func(n int) []string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for len(heard) < n {
			list, err := feed.Next(ctx)
			if err != nil {
				t.Fatalf("heard %q, then %v", heard, err)
			}
			for _, event := range list {
				line := string(event.Type) + " " + event.User.ID
				if event.Message != nil {
					line += " " + event.Message.Text
				}
				heard = append(heard, line)
			}
		}
		lines := heard
		heard = nil
		return lines
	}
	post := func(path string, body map[string]any) {
		t.Helper()
		text, _ := json.Marshal(body)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, url+path+"?api_key="+emulator.DefaultKey, bytes.NewReader(text))
		req.Header.Set("Authorization", e.Token(""))
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode > 299 {
			t.Fatalf("%s: %d", path, resp.StatusCode)
		}
	}
	const never = emulator.Duration(10 * time.Minute)
	const channel = "/api/v2/chat/channels/livestream/news"
	send := func(id, text string) {
		t.Helper()
		post(channel+"/message", map[string]any{"message": map[string]any{"id": id, "text": text, "user_id": "anna", "custom": map[string]any{"mood": "good"}}})
	}
	fail := func(f emulator.Fault) {
		t.Helper()
		if err := e.Fail(f); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want ...string) {
		t.Helper()
		if got := hear(len(want)); !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	send("1", "one")
	expect("message.new anna one")
	post("/api/v2/chat/messages/1/reaction", map[string]any{"reaction": map[string]any{"type": "like", "user_id": "anna"}})
	post(channel, map[string]any{"add_members": []any{map[string]any{"user_id": "anna"}}})
	post(channel+"/read", map[string]any{"user_id": "anna"})
	expect("reaction.new anna one", "member.added anna", "message.read anna")

	fail(emulator.Fault{Webhook: "message.new", Double: true, Times: 1})
	send("2", "doubled")
	fail(emulator.Fault{Webhook: "message.new", Drop: true, Times: 1})
	send("3", "lost")
	fail(emulator.Fault{Webhook: "message.*", Reorder: true, Delay: never, Times: 1})
	send("4", "overtaken")
	send("5", "overtakes")
	expect("message.new anna doubled", "message.new anna overtakes", "message.new anna overtaken")
	fail(emulator.Fault{Webhook: "message.new", Delay: never, Times: 1})
	send("6", "never in this test")
	send("7", "in time")
	expect("message.new anna in time")
	const delay = 20 * time.Millisecond
	fail(emulator.Fault{Webhook: "message.new", Delay: emulator.Duration(delay), Times: 1})
	begun := time.Now()
	send("8", "late")
	expect("message.new anna late")
	if took := time.Since(begun); took < delay {
		t.Errorf("a call that is delayed by %v came after %v", delay, took)
	}
	for n := range 100 {
		send(fmt.Sprint("many-", n), "many")
	}
	if got := hear(100); len(got) != 100 {
		t.Errorf("heard %d of 100", len(got))
	}
}
