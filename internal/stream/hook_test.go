package stream_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// hookCall is a call of Stream's webhooks.
type hookCall struct {
	id, body  string
	signature string // "" for the right one
	packed    bool
}

func (h *hosted) hook(c hookCall) int {
	h.Helper()
	sent := []byte(c.body)
	if c.packed {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		_, _ = zip.Write(sent)
		_ = zip.Close()
		sent = b.Bytes()
	}
	r := httptest.NewRequest(http.MethodPost, "/hooks/stream", bytes.NewReader(sent))
	if c.signature == "" {
		mac := hmac.New(sha256.New, []byte(appSecret))
		mac.Write([]byte(c.body))
		c.signature = hex.EncodeToString(mac.Sum(nil))
	}
	r.Header.Set("X-Signature", c.signature)
	r.Header.Set("X-Webhook-Id", c.id)
	if c.packed {
		r.Header.Set("Content-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	h.ServeHook(w, r)
	return w.Code
}

// event is an event of now, with further fields.
func event(kind string, at time.Time, fields string) string {
	return fmt.Sprintf(`{"type":%q,"created_at":%q,%s}`, kind, at.UTC().Format(time.RFC3339Nano), fields)
}

func said(id, text string, at time.Time) string {
	stamp := at.UTC().Format(time.RFC3339Nano)
	return fmt.Sprintf(`"cid":"livestream:news","message":{"id":%q,"text":%q,"type":"regular","user":{"id":"anna","name":"Anna"},"created_at":%q,"updated_at":%q}`,
		id, text, stamp, stamp)
}

// Calls are refused that aren't Stream's, are old, or that the logs couldn't store. There is no call that
// our own database fails at, which Stream would repeat.
func TestHookCalls(t *testing.T) {
	t.Parallel()
	for database, store := range databases {
		t.Run(database, func(t *testing.T) {
			h := open(t, stream.Options{PollEvery: time.Hour, Store: store(t)})
			h.put(news, "News")
			l, office := h.listen(t, news, nil), h.listen(t, chat.CID{}, nil)
			for _, row := range hookCalls(time.Now()) {
				if got := h.hook(row.call); got != row.want {
					t.Errorf("%s: %d, want %d", row.name, got, row.want)
				}
			}
			l.expect("message.new anna hello", "message.new anna "+strings.Repeat("x", 1<<20-1_000))
			l.silent()
			office.silent()
			if log := h.log.String(); strings.Contains(log, "hello") || strings.Contains(log, "xxxxx") {
				t.Errorf("the log has texts: %.2000s", log)
			}
		})
	}
}

// hookRow is a call of a webhook, and the status of the answer to it.
type hookRow struct {
	name string
	call hookCall
	want int
}

func hookCalls(now time.Time) []hookRow {
	good := event("message.new", now, said("m", "hello", now))
	return []hookRow{
		{"signed", hookCall{id: "1", body: good}, 200},
		{"signed and packed", hookCall{id: "2", body: good, packed: true}, 200},
		{"of an event that nobody knows", hookCall{id: "3", body: event("moon.landed", now, `"cid":"x"`)}, 200},
		{"signed with another secret", hookCall{id: "4", body: good, signature: strings.Repeat("ab", 32)}, 401},
		{"not signed", hookCall{id: "5", body: good, signature: "-"}, 401},
		{"signed with half of it", hookCall{id: "6", body: good, signature: "ab"}, 401},
		{"older than a day", hookCall{id: "7", body: event("message.new", now.Add(-25*time.Hour), said("m", "x", now))}, 400},
		{"of tomorrow", hookCall{id: "8", body: event("message.new", now.Add(time.Hour), said("m", "x", now))}, 400},
		{"not dated", hookCall{id: "9", body: `{"type":"message.new"}`}, 400},
		{"no JSON", hookCall{id: "10", body: `hello`}, 400},
		{"JSON that nests without end", hookCall{id: "14", body: event("channel.updated", now, `"cid":"team:x","channel":{"custom":{"a":`+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+`}}`)}, 400},
		{"a number for a message", hookCall{id: "15", body: event("message.new", now, `"cid":"team:x","message":7`)}, 400},
		{"nothing but a type and a date", hookCall{id: "16", body: event("message.new", now, `"x":1`)}, 200},
		{"a message without a date", hookCall{id: "17", body: event("message.new", now, `"cid":"team:x","message":{"id":"m"}`)}, 400},
		{"a message of the year 9999", hookCall{id: "18", body: strings.Replace(good, `"updated_at":"20`, `"updated_at":"99`, 1)}, 400},
		{"a message with a long id", hookCall{id: "19", body: event("message.new", now, said(strings.Repeat("m", 3_000), "x", now))}, 400},
		{"a message with NUL in its id", hookCall{id: "20", body: strings.Replace(good, `"id":"m"`, `"id":"m\u0000"`, 1)}, 400},
		{"a user with a long id", hookCall{id: "21", body: event("user.updated", now, `"user":{"id":"`+strings.Repeat("u", 3_000)+`","role":"admin"}`)}, 400},
		{"a creator with NUL in its id", hookCall{id: "22", body: event("channel.created", now, `"cid":"team:x","channel":{"created_by":{"id":"u\u0000"},"created_at":"2026-01-01T00:00:00Z"}`)}, 400},
		{"of nobody's ban", hookCall{id: "25", body: event("user.banned", now, `"user":{}`)}, 200},
		{"of nobody's flag", hookCall{id: "26", body: event("user.flagged", now, `"target_user":{}`)}, 200},
		{"of nobody's membership", hookCall{id: "27", body: event("member.added", now, `"cid":"livestream:news","member":{}`)}, 200},
		{"of nobody's reading", hookCall{id: "28", body: event("message.read", now, `"cid":"livestream:news"`)}, 200},
		{"no cid", hookCall{id: "23", body: event("channel.deleted", now, `"cid":"nothing"`)}, 200},
		{"of almost 1 MiB", hookCall{id: "24", body: event("message.new", now, said("large", strings.Repeat("x", 1<<20-1_000), now))}, 200},
		{"too long", hookCall{id: "12", body: `{"type":"` + strings.Repeat("x", 2<<20) + `"}`}, 413},
		{"too long when unpacked", hookCall{id: "13", body: `{"type":"` + strings.Repeat("x", 2<<20) + `"}`, packed: true}, 413},
	}
}

// Events of webhooks show once, in any order and with any repeats, and not again when the
// poller finds them.
func TestHooksAreHeard(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	far := there{h, t}
	far.put(news, "News")
	office := h.listen(t, chat.CID{}, nil)
	l := h.listen(t, news, nil)
	at := time.Now()
	later := func() time.Time { at = at.Add(time.Millisecond); return at }
	n := 0
	tell := func(body string, times int) {
		n++
		for range times {
			if code := h.hook(hookCall{id: fmt.Sprint("call-", n), body: body}); code != 200 {
				t.Errorf("%s: %d", body, code)
			}
		}
	}
	first := later()
	tell(event("message.new", first, said("a", "one", first)), 2)
	l.expect("message.new anna one")
	second, third := later(), later()
	edited := strings.Replace(said("b", "two, edited", second), `"updated_at":"`+second.UTC().Format(time.RFC3339Nano), `"updated_at":"`+third.UTC().Format(time.RFC3339Nano), 1)
	tell(event("message.updated", third, edited), 1)
	tell(event("message.new", second, said("b", "two", second)), 1) // late
	l.expect("message.new anna two, edited")
	anna := `"user":{"id":"anna","name":"Anna"}`
	reacted := strings.Replace(said("a", "one", first), `"type":"regular"`, `"type":"regular","reaction_counts":{"like":1}`, 1)
	tell(event("reaction.new", later(), reacted+`,"reaction":{"type":"like"},"user":{"id":"bob"}`), 1)
	l.expect("reaction.new bob one like")
	earlier := later()
	both := strings.Replace(reacted, `"like":1`, `"like":1,"wow":1,"sad":1`, 1)
	tell(event("reaction.new", later(), both+`,"reaction":{"type":"sad"},"user":{"id":"bob"}`), 1)
	l.expect("reaction.new bob one sad")
	tell(event("reaction.new", earlier, strings.Replace(both, `,"sad":1`, "", 1)+`,"reaction":{"type":"wow"},"user":{"id":"carl"}`), 1) // late
	tell(event("message.read", later(), `"cid":"livestream:news",`+anna), 3)
	tell(event("member.added", later(), `"cid":"livestream:news","member":{"user_id":"carl","user":{"id":"carl"}}`), 2)
	tell(event("member.removed", later(), `"channel_type":"livestream","channel_id":"news","member":{"user_id":"carl","user":{"id":"carl"}}`), 1)
	tell(event("user.banned", later(), `"cid":"livestream:news","user":{"id":"carl"}`), 1)
	tell(event("user.banned", later(), `"cid":"livestream:news","shadow":true,"user":{"id":"dora"}`), 1)
	tell(event("message.deleted", later(), said("b", "two, edited", second)), 1)
	l.expect("message.read anna livestream:news", "member.added carl livestream:news", "member.removed carl livestream:news",
		"user.banned carl livestream:news", "message.deleted anna ")
	office.expect("user.banned carl livestream:news")
	tell(event("message.flagged", later(), said("a", "one", first)+`,"user":{"id":"bob"}`), 1)
	tell(event("user.flagged", later(), `"user":{"id":"bob"},"target_user":{"id":"carl"}`), 1)
	tell(event("user.updated", later(), `"user":{"id":"anna","role":"admin"}`), 1)
	tell(event("channel.created", later(), `"cid":"team:deals","user":{"id":"anna"},"channel":{"cid":"team:deals","type":"team","id":"deals","name":"Deals","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`), 1)
	office.expect("message.flagged bob livestream:news", "user.flagged carl", "user.updated anna", "channel.created anna team:deals")
	tell(event("channel.deleted", later(), `"cid":"livestream:news",`+anna), 1)
	l.expect("NOT_FOUND")
	office.expect("channel.deleted anna livestream:news")
}

// A cached list shows a change from a webhook at once, at every server: only the changed
// row is read again.
func TestHooksBringListsUpToDate(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{ListStaleness: time.Hour, PollEvery: time.Hour})
	far := there{h, t}
	for i := range 70 {
		far.put(chat.CID{Type: chat.Team, ID: fmt.Sprint("room-", i)}, fmt.Sprint("Room ", i))
	}
	one := h.Provider
	h.start()
	servers := []*stream.Provider{one, h.Provider}
	names := func(p *stream.Provider) string {
		var text strings.Builder
		list, err := p.AllChannels(t.Context())
		far.ok(err)
		for _, c := range list {
			text.WriteString(c.Name + "\n")
		}
		return text.String()
	}
	for _, p := range servers {
		names(p)
	}
	read := h.net.count(http.MethodPost, "/chat/channels")
	far.put(chat.CID{Type: chat.Team, ID: "room-5"}, "Renamed")
	far.ok(h.far.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{{Type: chat.Team, ID: "room-6"}}}))
	h.hook(hookCall{id: "u", body: event("channel.updated", time.Now(), `"cid":"team:room-5"`)})
	h.hook(hookCall{id: "d", body: event("channel.deleted", time.Now(), `"cid":"team:room-6"`)})
	for _, p := range servers {
		if text := names(p); !strings.Contains(text, "Renamed\n") || strings.Contains(text, "Room 6\n") {
			t.Errorf("the list is as it was:\n%s", text)
		}
	}
	if n := h.net.count(http.MethodPost, "/chat/channels") - read; n != len(servers) {
		t.Errorf("Stream was asked for channels %d times, want once for each server", n)
	}
	// What was asked before a change made here isn't shown after it.
	h.hook(hookCall{id: "again", body: event("channel.updated", time.Now(), `"cid":"team:room-7"`)})
	asked, release := h.hold(heldAnswer{http.MethodPost, "/chat/channels", `"$in":["team:room-7"]`})
	shown := make(chan string)
	go func() { shown <- names(h.Provider) }()
	<-asked
	far.ok(h.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{{Type: chat.Team, ID: "room-7"}}}))
	release()
	if text := <-shown + names(h.Provider); strings.Contains(text, "Room 7\n") {
		t.Errorf("a channel that was deleted here is back:\n%s", text)
	}
}

// Our hook is added to the app's hooks, which stay as they are.
func TestOurHookIsAdded(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	other := map[string]any{"id": "theirs", "hook_type": "webhook", "enabled": true, "webhook_url": "https://else.example/x", "event_types": []any{"message.new"}, "timeout_ms": 500.0}
	if err := extra.New(h.far).ChangeApp(t.Context(), func(a *chat.App) error { a.Hooks = []map[string]any{other}; return nil }); err != nil {
		t.Fatal(err)
	}
	client, err := stream.NewClient(stream.ClientOptions{Key: appKey, Secret: appSecret, BaseURL: h.o.BaseURL, Logger: h.o.Logger, TryTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	const ours = "https://chat.example/hooks/stream"
	for i, want := range []bool{false, true} {
		already, err := stream.SetHook(t.Context(), client, ours)
		if err != nil || already != want {
			t.Errorf("time %d: %v, %v", i, already, err)
		}
	}
	a, err := h.far.App(t.Context())
	if err != nil || len(a.Hooks) != 2 || a.Hooks[1]["webhook_url"] != ours {
		t.Fatalf("the app has the hooks %v, %v", a.Hooks, err)
	}
	for field, want := range other {
		if fmt.Sprint(a.Hooks[0][field]) != fmt.Sprint(want) {
			t.Errorf("%s of the other hook is %v, want %v", field, a.Hooks[0][field], want)
		}
	}
	if text, _ := json.Marshal(a.Hooks[1]); !strings.Contains(string(text), "message.flagged") {
		t.Errorf("ours is %s", text)
	}
}
