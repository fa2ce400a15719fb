package stream_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
	"backchannel/internal/stream"
)

// change is an operation, and how often its effect is there.
type change struct {
	name         string
	method, path string // of the call that does it
	do           func(h *hosted) error
	effects      func(h *hosted) int
}

var news = chat.CID{Type: chat.Livestream, ID: "news"}

// farChannels counts the channels of a name that Stream holds.
func (h *hosted) farChannels(name string) (n int) {
	h.Helper()
	list, err := h.far.AllChannels(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	for _, c := range list {
		if c.Name == name {
			n++
		}
	}
	return n
}

func (h *hosted) farMessages(cid chat.CID) []chat.Message {
	h.Helper()
	page, err := h.far.Messages(context.Background(), chat.MessageQuery{CID: cid, Limit: 1_000})
	if err != nil {
		h.Fatal(err)
	}
	return page.Items
}

var changes = []change{
	{
		"createOrUpdateChannel without id", http.MethodPost, "/query",
		func(h *hosted) error {
			_, err := h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: by(clerk), Type: chat.Team, Name: "Sale", WantID: "sale"})
			return err
		},
		func(h *hosted) int { return h.farChannels("Sale") },
	},
	{
		"createOrUpdateChannel of a new channel", http.MethodPost, "/query",
		func(h *hosted) error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: chat.CID{Type: chat.Team, ID: "fresh"}, Name: "Fresh"})
		},
		func(h *hosted) int { return h.farChannels("Fresh") },
	},
	{
		"createOrUpdateChannel of one that exists", http.MethodPatch, "/livestream/news",
		func(h *hosted) error {
			return h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: "Renamed"})
		},
		func(h *hosted) int { return h.farChannels("Renamed") },
	},
	{
		"deleteChannels", http.MethodPost, "/channels/delete",
		func(h *hosted) error {
			return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{{Type: chat.Team, ID: "old"}}})
		},
		func(h *hosted) int { return 1 - h.farChannels("Old") },
	},
	{
		"sendMessageToChannel", http.MethodPost, "/message",
		func(h *hosted) error {
			_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: secretText}})
			return err
		},
		func(h *hosted) int { return len(h.farMessages(news)) },
	},
	{
		"setRoleToUsersOnChat", http.MethodPatch, "/users",
		func(h *hosted) error {
			return h.SetRole(h.ctx(), chat.SetRole{Operation: by(clerk), UserID: "alice", Role: chat.RoleModerator})
		},
		func(h *hosted) (n int) {
			page, err := h.far.Users(context.Background(), chat.UserQuery{Limit: 10, Search: "alice"})
			if err != nil {
				h.Fatal(err)
			}
			for _, u := range page.Items {
				if u.Role == chat.RoleModerator {
					n++
				}
			}
			return n
		},
	},
}

const secretText = "a private word"

type faultKind struct {
	name string
	do   func(*network, http.ResponseWriter, *http.Request)
	code chat.Code // while it lasts
}

var faultKinds = []faultKind{
	{"429 with Retry-After", limited("0.05"), chat.RateLimited},
	{"429 without Retry-After", limited(""), chat.RateLimited},
	{"500 before the effect", fails, chat.Unavailable},
	{"500 after the effect", failsAfterEffect, chat.Unavailable},
	{"a reset before the effect", resets, chat.Unavailable},
	{"a reset after the effect", resetsAfterEffect, chat.Unavailable},
	{"an answer that comes too late", tooLate, chat.Unavailable},
	{"a body cut short", cut, chat.Unavailable},
	{"a chunked body cut short", cutChunked, chat.Unavailable},
	{"an answer that isn't JSON", answersAfterEffect(http.StatusOK, "<html>a proxy's page</html>"), chat.Unavailable},
	{"an empty answer", answersAfterEffect(http.StatusOK, ""), chat.Unavailable},
	{"null for an answer", answersAfterEffect(http.StatusOK, "null"), chat.Unavailable},
	{"an answer that says nothing", answersAfterEffect(http.StatusOK, "{ }"), chat.Unavailable},
	{"a refusal that isn't Stream's", answersAfterEffect(http.StatusForbidden, "<html>a firewall's page</html>"), chat.Unavailable},
}

// ctx is that of a caller with some patience.
func (h *hosted) ctx() context.Context {
	ctx, cancel := context.WithTimeout(h.Context(), patience)
	h.Cleanup(cancel)
	return ctx
}

// faultServer has what the changes need.
func faultServer(t *testing.T) *hosted {
	t.Helper()
	h := open(t, stream.Options{BreakerPause: 20 * time.Millisecond})
	for cid, name := range map[chat.CID]string{news: "News", {Type: chat.Team, ID: "old"}: "Old"} {
		if err := h.far.PutChannel(t.Context(), chat.PutChannel{Operation: by(clerk), CID: cid, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.far.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "alice", Name: "Alice"}, {ID: "bob", Name: "Bob"}}})
	if err != nil {
		t.Fatal(err)
	}
	h.learnLimit()
	return h
}

// learnLimit lets the client see that deletions have no limit here. Without an answer it
// keeps to Stream's usual one a second, and the tests would wait for that.
func (h *hosted) learnLimit() {
	h.Helper()
	err := h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{{Type: chat.Team, ID: "never-was"}}})
	if err != nil {
		h.Fatal(err)
	}
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.net.seen = nil
}

// A temporary fault doesn't show to the caller, and the change happens once.
func TestPassingFaults(t *testing.T) {
	for _, f := range faultKinds {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			h := faultServer(t)
			for _, c := range changes {
				before := h.net.count(c.method, c.path)
				h.net.breakNext(2, c.method, c.path, f.do)
				if err := c.do(h); err != nil {
					t.Errorf("%s: got %v, want success", c.name, err)
				}
				if n := c.effects(h); n != 1 {
					t.Errorf("%s: the effect is there %d times, want once", c.name, n)
				}
				if n := h.net.count(c.method, c.path) - before; n < 3 {
					t.Errorf("%s: %d calls arrived: the fault was not met", c.name, n)
				}
			}
			h.tellsNoSecret()
		})
	}
}

// A lasting fault has a code that says so. The same change, tried again after it without an
// idempotency key, happens once.
func TestLastingFaults(t *testing.T) {
	for _, f := range faultKinds {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			h := faultServer(t)
			for _, c := range changes {
				h.net.breakNext(1_000, c.method, c.path, f.do)
				var err error
				for range 2 {
					// Other calls may tell that it is done all the same.
					if err = c.do(h); err == nil {
						break
					}
					if chat.CodeOf(err) != f.code {
						t.Errorf("%s: got %v, want %s", c.name, err, f.code)
					}
				}
				if err == nil && c.effects(h) != 1 {
					t.Errorf("%s: got success without the effect", c.name)
				}
				h.net.heal()
				if err != nil {
					err = h.eventually(func() error { return c.do(h) })
				}
				if err != nil {
					t.Errorf("%s, once the fault is over: %v", c.name, err)
				}
				if n := c.effects(h); n != 1 {
					t.Errorf("%s: the effect is there %d times, want once", c.name, n)
				}
			}
			h.tellsNoSecret()
		})
	}
}

// eventually waits longer than the circuit breaker.
func (h *hosted) eventually(do func() error) (err error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if err = do(); chat.CodeOf(err) != chat.Unavailable || time.Now().After(deadline) {
			return err
		}
	}
}

func (h *hosted) tellsNoSecret() {
	h.Helper()
	log := h.log.String()
	for _, hidden := range []string{appKey, appSecret, "eyJ", secretText} {
		if contains([]byte(log), hidden) {
			h.Errorf("the log tells %q:\n%s", hidden, log)
		}
	}
}

// After a crash and a restart, a retry finishes a change with a key.
func TestCrashBetweenEffectAndRecord(t *testing.T) {
	for _, c := range []struct {
		name, path string
		do         func(h *hosted, op chat.Operation) (string, error)
		effects    func(h *hosted) int
	}{
		{"create", "/query", func(h *hosted, op chat.Operation) (string, error) {
			cid, err := h.CreateChannel(h.ctx(), chat.CreateChannel{Operation: op, Type: chat.Livestream, Name: "News", WantID: "news"})
			return cid.ID, err
		}, func(h *hosted) int { return h.farChannels("News") - 1 }},
		{"send", "/message", func(h *hosted, op chat.Operation) (string, error) {
			return h.SendMessage(h.ctx(), chat.SendMessage{Operation: op, Message: chat.Message{Sender: clerk.User(), CID: news, Text: secretText}})
		}, func(h *hosted) int { return len(h.farMessages(news)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := faultServer(t)
			op := chat.Operation{By: clerk, Name: c.name, Key: "k", Digest: "d"}
			h.net.breakNext(1_000, http.MethodPost, c.path, resetsForGood)
			if _, err := c.do(h, op); chat.CodeOf(err) != chat.Unavailable {
				t.Fatalf("got %v, want UNAVAILABLE", err)
			}
			h.Close()
			h.start()
			other := op
			other.Digest = "another input"
			if _, err := c.do(h, other); chat.CodeOf(err) != chat.Conflict {
				t.Errorf("the key with another input: %v, want CONFLICT", err)
			}
			h.net.heal()
			first, err := c.do(h, op)
			if err != nil {
				t.Fatal(err)
			}
			h.Close()
			h.start()
			again, err := c.do(h, op)
			if err != nil || again != first {
				t.Errorf("a further repeat: %s, %v, want %s", again, err, first)
			}
			if n := c.effects(h); n != 1 {
				t.Errorf("the effect is there %d times, want once", n)
			}
		})
	}
}

// Reads are tried again, too.
func TestReadsOutlastFaults(t *testing.T) {
	for _, f := range faultKinds {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			h := faultServer(t)
			h.net.breakNext(2, http.MethodPost, "/channels", f.do)
			h.net.breakNext(2, http.MethodGet, "/users", f.do)
			if n := len(h.all()); n != 2 {
				t.Errorf("%d channels are listed, want 2", n)
			}
			if page, err := h.Users(h.ctx(), chat.UserQuery{Limit: 10}); err != nil || len(page.Items) != 2 {
				t.Errorf("users: %v, %v, want alice and bob", page.Items, err)
			}
			h.net.breakNext(1_000, "", "", f.do)
			_, err := h.AllChannels(h.ctx())
			if chat.CodeOf(err) != f.code {
				t.Errorf("while it lasts: %v, want %s", err, f.code)
			}
		})
	}
}

// During an outage answers are fast, and recovery needs no restart.
func TestOutage(t *testing.T) {
	t.Parallel()
	const pause = 5 * time.Second
	figures := metrics.New("test")
	h := open(t, stream.Options{TryTimeout: time.Second, BreakerPause: pause, Metrics: figures})
	h.net.breakNext(1_000, "", "", late)
	ask := func(member string) (chat.Page[chat.Channel], error) { // with one call
		return h.Channels(h.ctx(), chat.ChannelQuery{Member: member, Limit: 1})
	}
	var wg sync.WaitGroup
	for i := range 5 { // the breaker counts operations
		wg.Go(func() {
			if _, err := ask(fmt.Sprint("user-", i)); chat.CodeOf(err) != chat.Unavailable {
				t.Errorf("got %v, want UNAVAILABLE", err)
			}
		})
	}
	wg.Wait()
	if open, lost := metricstest.Read(t, figures, "stream_breaker_open"), metricstest.Read(t, figures, "stream_calls_total"); open != 1 || lost < 5 {
		t.Errorf("the figures: %v breakers are open after %v calls", open, lost)
	}
	arrived := h.net.count("", "")
	begun := time.Now()
	for range 100 {
		if _, err := ask("anna"); chat.CodeOf(err) != chat.Unavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	}
	if err := h.Ready(h.ctx()); chat.CodeOf(err) != chat.Unavailable {
		t.Errorf("ready in an outage: %v", err)
	}
	const tries = 5 // of the one call that is let through after a pause
	if n, pauses := h.net.count("", "")-arrived, int(time.Since(begun)/pause); n > tries*pauses {
		t.Errorf("%d calls were made in the outage, of %d pauses", n, pauses)
	}
	h.net.heal()
	if err := h.eventually(func() error { return h.Ready(h.ctx()) }); err != nil {
		t.Errorf("after the outage: %v", err)
	}
	if open := metricstest.Read(t, figures, "stream_breaker_open"); open >= 1 {
		t.Errorf("the figures: %v breakers are open after the outage", open)
	}
}

// One call of Stream's may be in trouble while others work.
func TestTroubleWithOneCall(t *testing.T) {
	t.Parallel()
	h := faultServer(t)
	h.net.breakNext(1_000, http.MethodPost, "/channels/delete", fails)
	for range 3 {
		err := h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}})
		if chat.CodeOf(err) != chat.Unavailable {
			t.Errorf("deleting: %v, want UNAVAILABLE", err)
		}
		h.put(news, "News")
	}
}

// Tasks may fail in part: the channels that remain are named, and a retry deletes
// them.
func TestTasksThatFailInPart(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	cids := h.fill(250, "room")
	bad := map[string]bool{cids[7].String(): true, cids[180].String(): true}
	partly := func(n *network, w http.ResponseWriter, r *http.Request) {
		n.deleteAllBut(h, w, r, bad)
	}
	h.net.breakNext(3, http.MethodPost, "/channels/delete", partly)
	err := h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: append(cids, cids[0])})
	e := asError(t, err)
	if e.Code != chat.Unavailable || len(e.Remaining) != 2 || !bad[e.Remaining[0].String()] || !bad[e.Remaining[1].String()] {
		t.Fatalf("got %v with %v remaining, want the two that failed", err, e.Remaining)
	}
	if n := len(h.all()); n != 2 {
		t.Errorf("%d channels are listed, want the two that remain", n)
	}
	h.remove(cids...)
	if n := len(h.all()); n != 0 {
		t.Errorf("%d channels are left after the retry", n)
	}
	h.remove(cids...)
}

func TestTaskThatFailsOrNeverEnds(t *testing.T) {
	for name, status := range map[string]string{"fails": "failed", "never ends": "running"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, stream.Options{})
			cids := h.fill(3, "room")
			h.net.breakNext(1, http.MethodPost, "/channels/delete", refuses(http.StatusOK, `{"task_id":"t","duration":"0ms"}`))
			h.net.breakNext(1_000, http.MethodGet, "/tasks/t", refuses(http.StatusOK, fmt.Sprintf(`{"task_id":"t","status":%q,"result":null}`, status)))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			e := asError(t, h.DeleteChannels(ctx, chat.DeleteChannels{Operation: by(clerk), CIDs: cids}))
			if e.Code != chat.Unavailable || len(e.Remaining) != 3 {
				t.Errorf("got %v with %v remaining, want all three", e, e.Remaining)
			}
			h.remove(cids...)
		})
	}
}

// Stream may refuse a whole call because it doesn't know one of the channels.
func TestDeletingWhatStreamDoesNotKnow(t *testing.T) {
	h := open(t, stream.Options{})
	cids := h.fill(3, "room")
	h.net.breakNext(1, http.MethodPost, "/channels/delete", refuses(http.StatusNotFound, `{"code":16,"message":"no such channel","StatusCode":404}`))
	h.remove(append(cids, chat.CID{Type: chat.Team, ID: "never-was"})...)
	if n := len(h.all()); n != 0 {
		t.Errorf("%d channels are left", n)
	}
}

// When Stream has recovered, an operation of many calls succeeds at once, and so do ten of
// one call.
func TestAfterTrouble(t *testing.T) {
	t.Parallel()
	const pause = 200 * time.Millisecond
	h := open(t, stream.Options{BreakerPause: pause})
	cids := h.fill(250, "room")
	h.put(news, "News")
	h.net.breakNext(1_000, http.MethodPost, "/channels/delete", fails)
	h.net.breakNext(1_000, http.MethodPost, "/message", fails)
	send := func() error {
		_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "hello"}})
		return err
	}
	together := func(n int, do func() error) int32 {
		var failed atomic.Int32
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				if do() != nil {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		return failed.Load()
	}
	del := func() error {
		return h.DeleteChannels(h.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: cids})
	}
	if together(5, send) != 5 || together(5, del) != 5 {
		t.Fatal("something was done in spite of the trouble")
	}
	h.net.heal()
	time.Sleep(2 * pause)
	if err := del(); err != nil {
		t.Errorf("deleting 250 channels: %v", err)
	}
	if failed := together(10, send); failed != 0 {
		t.Errorf("%d of 10 messages were refused", failed)
	}
}
