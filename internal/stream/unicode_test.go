package stream_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
)

// half stands at our Stream, which takes well-formed text only, for text that isn't.
const half = "HALF"

// halved is between the network and Stream. What Stream has as half is something ill-formed on
// the network.
func halved(upstream http.Handler, broken string, requests *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte(string(utf8.RuneError))) || bytes.Contains(body, []byte(`\ufffd`)) {
			requests.Add(1)
		}
		r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(broken), []byte(half))))
		answer := httptest.NewRecorder()
		upstream.ServeHTTP(answer, r)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(half), []byte(broken)))
	})
}

// Text at Stream that isn't well-formed Unicode is shown with U+FFFD in its place, without an effect
// on what is beside it, and never written back so.
func TestIllFormedTextAtStream(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{"half a surrogate pair": `\ud800`, "a byte of another encoding": "\xff"} {
		for database, store := range databases {
			t.Run(name+" on "+database, func(t *testing.T) { illFormed(t, broken, store(t)) })
		}
	}
}

func illFormed(t *testing.T, broken string, store *sqlstore.Store) {
	h := open(t, stream.Options{PollEvery: quickPoll, Store: store})
	var shownSent atomic.Int64 // requests with what is shown instead
	h.net.upstream = halved(h.net.upstream, broken, &shownSent)
	const shown = "a \ufffd b"
	far := there{h, t}
	far.put(news, "a HALF b")
	_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: "a HALF b"}, {ID: "bob", Name: "Bob"}}})
	far.ok(err)
	file := json.RawMessage(`{"type":"file","asset_url":"https://files.example/a?b=1&c=2","title":"a HALF b","note":"a HALF b"}`)
	send := func(id, text string, attached ...json.RawMessage) {
		_, err := h.far.SendMessage(t.Context(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{
			ID: id, Sender: chat.User{ID: "anna"}, CID: news, Text: text, Attachments: attached}})
		far.ok(err)
	}
	send("first", "good")
	send("bad", "a HALF b", file)
	send("last", "good, too")
	texts := func() (list []string) {
		page, err := h.Messages(t.Context(), chat.MessageQuery{CID: news, By: clerk, Limit: 10, FromEnd: true})
		far.ok(err)
		for _, m := range page.Items {
			list = append(list, m.Text)
		}
		return list
	}
	single := func() chat.Message {
		m, err := h.Message(t.Context(), clerk, news, "bad")
		far.ok(err)
		return m
	}
	given := func() *[]chat.AttachmentEdit {
		a := chat.ShownAttachments(single().Attachments)[0]
		return &[]chat.AttachmentEdit{chat.NewAttachmentEdit(a.Title, nil, a.AssetURL)}
	}
	edit := func(e chat.EditMessage) {
		e.Operation, e.CID, e.ID = by(clerk), news, "bad"
		far.ok(h.EditMessage(t.Context(), e))
	}
	stored := func() (text, attached string) {
		m, err := h.far.Message(t.Context(), clerk, news, "bad")
		far.ok(err)
		whole, err := json.Marshal(m.Attachments)
		far.ok(err)
		return m.Text, string(whole)
	}

	t.Run("reading", func(t *testing.T) {
		channels, err := h.AllChannels(t.Context())
		far.ok(err)
		users, err := h.Users(t.Context(), chat.UserQuery{Limit: 10})
		far.ok(err)
		last, err := h.LastMessages(t.Context(), []chat.CID{news})
		far.ok(err)
		for _, row := range [][2]string{
			{"messages", strings.Join(texts(), "|")},
			{"a message", single().Text},
			{"an attachment", chat.ShownAttachments(single().Attachments)[0].Title},
			{"a channel", channels[0].Name},
			{"users", users.Items[0].Name + "|" + users.Items[1].Name},
			{"the last message", last[0].Text},
			{"its sender", last[0].Sender.Name},
		} {
			want := shown
			switch row[0] {
			case "messages":
				want = "good|" + shown + "|good, too"
			case "users":
				want += "|Bob"
			case "the last message":
				want = "good, too"
			}
			if row[1] != want {
				t.Errorf("%s: %q, want %q", row[0], row[1], want)
			}
		}
	})
	t.Run("live", func(t *testing.T) {
		l := h.listen(t, news, nil)
		send("new", "a HALF b", file)
		l.expect("message.new anna " + shown)
		l.silent()
		at := time.Now()
		body := strings.ReplaceAll(event("message.new", at, said("hooked", "a HALF b", at)), half, broken)
		if code := h.hook(hookCall{id: "1", body: body}); code != http.StatusOK {
			t.Errorf("a webhook: %d", code)
		}
		l.expect("message.new anna " + shown)
	})
	t.Run("writing", func(t *testing.T) {
		edit(chat.EditMessage{Text: shown, Attachments: given()})
		edit(chat.EditMessage{Text: shown})
		if text, attached := stored(); text != "a HALF b" || strings.Count(attached, half) != 2 {
			t.Errorf("given back, Stream has %q and %s", text, attached)
		}
		edit(chat.EditMessage{Text: "corrected", Attachments: given()})
		if text, attached := stored(); text != "corrected" || strings.Count(attached, half) != 2 {
			t.Errorf("corrected, Stream has %q and %s", text, attached)
		}
		far.ok(h.PutChannel(t.Context(), chat.PutChannel{Operation: by(clerk), CID: news, Name: shown, Avatar: chat.Optional{Set: true, Value: "new.png"}}))
		far.ok(h.PutChannel(t.Context(), chat.PutChannel{Operation: by(clerk), CID: news, Name: shown}))
		c, err := h.far.Channel(t.Context(), news)
		far.ok(err)
		if c.Name != "a HALF b" || !strings.HasSuffix(c.Avatar, "new.png") {
			t.Errorf("Stream has the channel %+v", c)
		}
		_, err = h.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: shown, Role: chat.RoleModerator}}})
		far.ok(err)
		list, err := h.far.Users(t.Context(), chat.UserQuery{Limit: 10, IDs: []string{"anna"}})
		far.ok(err)
		if u := list.Items[0]; u.Name != "a HALF b" || u.Role != chat.RoleModerator {
			t.Errorf("Stream has the user %+v", u)
		}
		if n := shownSent.Load(); n != 0 {
			t.Errorf("%d requests have the replacement", n)
		}
		edit(chat.EditMessage{Text: "now \ufffd is meant"})
		if text, _ := stored(); text != "now \ufffd is meant" {
			t.Errorf("the character itself: %q", text)
		}
	})
}
