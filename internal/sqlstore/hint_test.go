package sqlstore_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backchannel/internal/chat"
	"backchannel/internal/logtest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// heard gathers hints.
type heard struct {
	mu     sync.Mutex
	logs   map[int64]int64
	events []chat.Event
	gaps   int
}

func (h *heard) hear(hint sqlstore.Hint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for no, seq := range hint.Logs {
		h.logs[no] = max(h.logs[no], seq)
	}
	h.events = append(h.events, hint.Events...)
	if hint.Missed {
		h.gaps++
	}
}

func (h *heard) await(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		h.mu.Lock()
		ok := there()
		h.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: heard %v, %d gaps", what, h.logs, h.gaps)
		}
	}
}

// What a server commits, the others are told soon after, and told that they may have
// missed something when their connection was cut. The log says so once.
func TestHintsOfOtherServers(t *testing.T) {
	cluster := pgtest.OpenCluster(t)
	p := newProxy(t, cluster.Socket)
	said := &logtest.Log{}
	here := open(t, sqlstore.Options{URL: p.url(), Logger: slog.New(slog.NewTextHandler(said, nil))})
	there := open(t, sqlstore.Options{URL: cluster.URL})
	cid := chat.CID{Type: chat.Team, ID: "c"}
	log := func(s *sqlstore.Store) {
		t.Helper()
		err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
			_, _, err := tx.Log(sqlstore.Entry{Type: chat.ChannelUpdated, CID: cid, User: "u", At: time.Now()})
			if err == nil {
				err = tx.LogBackOffice(sqlstore.Entry{Type: chat.UserUpdated, User: "u", At: time.Now()}, func(int64) {})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := there.Write(t.Context(), func(tx *sqlstore.Tx) error {
		return tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: time.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	h := &heard{logs: map[int64]int64{}}
	var wg sync.WaitGroup
	wg.Go(func() { here.Hints.Listen(ctx, h.hear) })
	defer wg.Wait()
	defer stop()
	h.await(t, "listening", here.Hints.Works)

	log(here) // which needs no hint
	log(there)
	h.await(t, "a hint of both logs", func() bool { return h.logs[1] == 2 && h.logs[0] == 2 })
	names, err := here.ChannelsByNo(t.Context(), []int64{1, 7})
	if err != nil || len(names) != 1 || names[1] != cid {
		t.Errorf("the numbers stand for %v, %v", names, err)
	}
	h.mu.Lock()
	gaps := h.gaps
	h.mu.Unlock()
	p.refuse(true)
	p.cutAll()
	h.await(t, "another attempt", func() bool { return p.refused() >= 2 })
	p.refuse(false)
	h.await(t, "a gap", func() bool { return h.gaps > gaps })
	log(there)
	h.await(t, "a hint after it", func() bool { return h.logs[1] == 3 })
	text := said.String()
	if strings.Count(text, "don't arrive") != 1 || strings.Count(text, "arrive again") != 1 {
		t.Errorf("an outage and its end are a line each, and the log has:\n%s", text)
	}

	spy, err := pgx.Connect(t.Context(), cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = spy.Close(context.Background()) }()
	if _, err := spy.Exec(t.Context(), "LISTEN backchannel"); err != nil {
		t.Fatal(err)
	}
	const secret = "nobody's <business> & \u2028"
	carry := func(text string, times int) {
		t.Helper()
		for range times {
			there.Hints.Carry(chat.Event{Seq: 4, Type: chat.MessageNew, CID: cid, Message: &chat.Message{ID: "m", Text: text}})
		}
		log(there)
	}
	carry(secret, 1)
	h.await(t, "a message", func() bool { return len(h.events) == 1 && h.logs[1] == 4 })
	if e := h.events[0]; e.Message == nil || e.Message.Text != secret || e.CID != cid || e.Seq != 4 {
		t.Errorf("heard %+v", e)
	}
	carry(secret, 100)
	carry(strings.Repeat("x", 9_000), 1)
	h.await(t, "hints that have no room for messages", func() bool { return h.logs[1] == 6 && len(h.events) == 1 })
	if n, err := spy.WaitForNotification(t.Context()); err != nil || strings.Contains(n.Payload, "business") {
		t.Errorf("who knows only the program hears %q, %v", n.Payload, err)
	}
}

// A URL on which NOTIFY reaches nobody, as on some connection poolers, is noticed, and
// the log says what to do.
func TestHintsThatDoNotArrive(t *testing.T) {
	said := &logtest.Log{}
	logger := slog.New(slog.NewTextHandler(said, nil))
	// NOTIFY reaches the connections to its own database only: a pooler that sends it on
	// another connection loses it likewise.
	s := open(t, sqlstore.Options{URL: pgtest.Open(t), ListenURL: pgtest.Open(t), Logger: logger})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Hints.Listen(ctx, func(sqlstore.Hint) {}) })
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(said.String(), "--database-listen-url") {
			break
		}
	}
	stop()
	wg.Wait()
	if text := said.String(); !strings.Contains(text, "--database-listen-url") || s.Hints.Works() {
		t.Errorf("hinted is %t, and the log says %q", s.Hints.Works(), text)
	}
}
