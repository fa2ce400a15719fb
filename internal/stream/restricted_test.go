package stream_test

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/emulator"
)

const secrets = `{
  "users": [{"id": "alice"}, {"id": "bob"}, {"id": "member"}, {"id": "moderator", "role": "moderator"}, {"id": "admin", "role": "admin"}],
  "channels": [{"type": "livestream", "id": "news", "data": {"created_by_id": "alice", "members": [{"user_id": "alice"}, {"user_id": "bob"}]},
    "messages": [{"id": "one", "text": "to all", "user_id": "alice"},
      {"id": "two", "text": "to bob", "user_id": "alice", "restricted_visibility": ["bob"]},
      {"id": "three", "text": "to all again", "user_id": "alice"}]}]}`

// Stream shows the app's server messages that are for some users only. Here only the back
// office sees them, so nobody sees more than at Stream.
func TestRestrictedMessages(t *testing.T) {
	e, err := emulator.New(t.Context(), emulator.Options{Seed: []byte(secrets)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		_ = e.Close()
	})
	p, err := stream.New(stream.Options{Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, BaseURL: server.URL,
		AvatarBaseURL: "https://media.example", Store: openStore(t, sqlstore.Options{Memory: true}), TryTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	news := chat.CID{Type: chat.Livestream, ID: "news"}
	read := func(who chat.Actor, fromEnd bool) (got []string) {
		for q := (chat.MessageQuery{CID: news, By: who, Limit: 1, FromEnd: fromEnd}); ; {
			page, err := p.Messages(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Items {
				if q.After, q.Before = m.Seq, 0; fromEnd {
					q.After, q.Before = 0, m.Seq
				}
				got = append(got, m.Text)
			}
			if more := page.HasNext && !fromEnd || page.HasPrevious && fromEnd; !more {
				return got
			}
		}
	}
	for _, id := range []string{"alice", "bob", "member", "moderator", "admin", ""} {
		who := chat.Actor{ID: id}
		if diff := cmp.Diff([]string{"to all", "to all again"}, read(who, false)); diff != "" {
			t.Errorf("%q reads (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff([]string{"to all again", "to all"}, read(who, true)); diff != "" {
			t.Errorf("%q reads backwards (-want +got):\n%s", id, diff)
		}
		op := by(who)
		_, reading := p.Message(t.Context(), who, news, "two")
		for what, err := range map[string]error{
			"reads":    reading,
			"reacts":   p.React(t.Context(), chat.React{Operation: op, CID: news, MessageID: "two", Type: "like"}),
			"edits":    p.EditMessage(t.Context(), chat.EditMessage{Operation: op, CID: news, ID: "two", Text: "x"}),
			"deletes":  p.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: op, CID: news, ID: "two"}),
			"pins":     p.PinMessage(t.Context(), chat.PinMessage{Operation: op, CID: news, ID: "two", Pinned: true}),
			"reaction": p.React(t.Context(), chat.React{Operation: op, CID: news, MessageID: "two", Type: "like", Remove: true}),
		} {
			if code := chat.CodeOf(err); code != chat.NotFound && code != chat.Unauthorized {
				t.Errorf("%q %s: %v", id, what, err)
			}
		}
	}
	if got := read(clerk, false); len(got) != 3 {
		t.Errorf("the back office reads %v", got)
	}
	if m, err := p.Message(t.Context(), clerk, news, "two"); err != nil || m.Text != "to bob" || !m.Restricted {
		t.Errorf("the back office reads %+v, %v", m, err)
	}
	err = p.PinMessage(t.Context(), chat.PinMessage{Operation: by(clerk), CID: news, ID: "two", Pinned: true})
	if chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("the back office pins it: %v", err)
	}
}
