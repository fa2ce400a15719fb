package stream_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// What was read before a change made here isn't told after it, neither what the poller read nor what
// a caller did.
func TestAnOldAnswerIsNoNews(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll, ListStaleness: time.Nanosecond})
	far := there{h, t}
	_, err := h.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: "Anna"}, {ID: "bob", Name: "Bob"}}})
	far.ok(err)
	far.put(news, "News")
	far.ok(h.far.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: []string{"anna"}}))
	far.send(news, "m", "hello", "")
	anna := by(chat.Actor{ID: "anna"})
	office, l := h.listen(t, chat.CID{}, nil), h.listen(t, news, nil)
	users, polled := heldAnswer{http.MethodGet, "/users", "updated_at"}, heldAnswer{http.MethodPost, "/chat/channels", `"$in"`}
	opened := heldAnswer{http.MethodPost, "/chat/channels", `"$eq":"livestream:news"}},"limit":1,"member_limit":0,"message_limit":120`}
	opening := func() { _, _ = h.Channel(h.ctx(), news) }
	nobody := func() {}
	for _, row := range []struct {
		who    *listener
		answer heldAnswer
		asks   func()
		change func() error
		says   string
	}{
		{office, users, nobody, func() error {
			return h.SetRole(t.Context(), chat.SetRole{Operation: by(clerk), UserID: "anna", Role: chat.RoleModerator})
		}, "user.updated anna"},
		{office, users, nobody, func() error {
			return h.SetRole(t.Context(), chat.SetRole{Operation: by(clerk), UserID: "anna", Role: chat.RoleUser})
		}, "user.updated anna"},
		{office, users, nobody, func() error {
			return h.Restrict(t.Context(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "bob"})
		}, "user.banned bob"},
		{l, polled, nobody, func() error {
			return h.React(t.Context(), chat.React{Operation: anna, CID: news, MessageID: "m", Type: "like"})
		}, "reaction.new anna hello like"},
		{l, opened, opening, func() error {
			return h.React(t.Context(), chat.React{Operation: anna, CID: news, MessageID: "m", Type: "wow"})
		}, "reaction.new anna hello wow"},
		{l, polled, nobody, func() error {
			return h.React(t.Context(), chat.React{Operation: anna, CID: news, MessageID: "m", Type: "like", Remove: true})
		}, "reaction.deleted anna hello like"},
		{l, polled, nobody, func() error {
			return h.EditMessage(t.Context(), chat.EditMessage{Operation: anna, CID: news, ID: "m", Text: "hello again"})
		}, "message.updated anna hello again"},
		{l, opened, opening, func() error {
			return h.PinMessage(t.Context(), chat.PinMessage{Operation: by(clerk), CID: news, ID: "m", Pinned: true})
		}, "message.updated clerk hello again"},
		{l, polled, nobody, func() error { return h.MarkRead(t.Context(), chat.MarkRead{Operation: anna, CID: news}) }, "message.read anna livestream:news"},
		{l, polled, nobody, func() error {
			return h.FreezeChannel(t.Context(), chat.FreezeChannel{Operation: by(clerk), CID: news, Frozen: true})
		}, "channel.updated clerk livestream:news"},
		{l, polled, nobody, func() error {
			return h.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: "m"})
		}, "message.deleted clerk "},
	} {
		asked, release := h.hold(row.answer)
		over := make(chan struct{})
		go func() {
			defer close(over)
			row.asks()
		}()
		<-asked
		far.ok(row.change())
		release()
		<-over
		row.who.expect(row.says)
	}
	office.expect("channel.updated clerk livestream:news")
	office.silent()
	l.silent()
}

// The poller, of any server, sees a change made here before Stream's answer to it arrives. It is told once, as
// ours.
func TestOurChangesComeFirst(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{PollEvery: quickPoll})
	far := there{h, t}
	_, err := h.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: "Anna"}}})
	far.ok(err)
	far.put(news, "News")
	far.send(news, "m", "hello", "")
	acting := h.Provider
	h.start() // another server polls
	office, l := h.listen(t, chat.CID{}, nil), h.listen(t, news, nil)
	for _, row := range []struct {
		answer heldAnswer
		change func() error
		says   string
	}{
		{heldAnswer{http.MethodPost, "/m/reaction", ""}, func() error {
			return acting.React(t.Context(), chat.React{Operation: by(clerk), CID: news, MessageID: "m", Type: "like"})
		}, "reaction.new clerk hello like"},
		{heldAnswer{http.MethodDelete, "/m/reaction/like", ""}, func() error {
			return acting.React(t.Context(), chat.React{Operation: by(clerk), CID: news, MessageID: "m", Type: "like", Remove: true})
		}, "reaction.deleted clerk hello like"},
		{heldAnswer{http.MethodPut, "/messages/m", ""}, func() error {
			return acting.PinMessage(t.Context(), chat.PinMessage{Operation: by(clerk), CID: news, ID: "m", Pinned: true})
		}, "message.updated clerk hello"},
		{heldAnswer{http.MethodPatch, "/livestream/news", ""}, func() error {
			return acting.FreezeChannel(t.Context(), chat.FreezeChannel{Operation: by(clerk), CID: news, Frozen: true})
		}, "channel.updated clerk livestream:news"},
		{heldAnswer{http.MethodDelete, "/messages/m", ""}, func() error {
			return acting.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: "m"})
		}, "message.deleted clerk "},
		{heldAnswer{http.MethodPost, "/channels/delete", ""}, func() error {
			return acting.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}})
		}, "NOT_FOUND"},
	} {
		effect, release := h.hold(row.answer)
		changed := make(chan error)
		go func() { changed <- row.change() }()
		<-effect
		for seen := h.net.count(http.MethodGet, "/users"); h.net.count(http.MethodGet, "/users") < seen+3; {
			time.Sleep(quickPoll / 4) // until each turn was taken twice
		}
		release()
		far.ok(<-changed)
		l.expect(row.says)
	}
	office.expect("channel.updated clerk livestream:news", "channel.deleted clerk livestream:news")
	office.silent()
}

// heldAnswer says which answer comes late.
type heldAnswer struct{ method, path, contains string }

// hold has Stream answer the next such question at once, and the answer arrive when it is released.
func (h *hosted) hold(a heldAnswer) (asked <-chan struct{}, release func()) {
	read, released, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(released) })
	h.Cleanup(letGo)
	var held atomic.Bool
	h.net.breakNext(1_000_000, a.method, a.path, func(n *network, w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		question, _ := url.QueryUnescape(r.URL.RawQuery)
		if !strings.Contains(question+string(body), a.contains) {
			n.pass(w, r)
			return
		}
		answer := n.effect(r)
		if held.CompareAndSwap(false, true) {
			close(read)
			<-released
			defer close(done)
		}
		_, _ = w.Write(answer.Body.Bytes())
	})
	return read, func() {
		letGo()
		<-done
		h.net.heal()
	}
}
