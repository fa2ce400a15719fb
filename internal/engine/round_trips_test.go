package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A batch takes four round trips to PostgreSQL, however many messages, read marks and
// reactions it holds, in however many channels and of however many users.
func TestRoundTripsOfABatch(t *testing.T) {
	const most = 4
	relay := pgtest.OpenRelay(t, pgtest.Open(t), 0)
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: relay.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	e := engine.New(engine.Options{Store: store, Logger: slog.New(slog.DiscardHandler)})
	e.Close() // its chores would be counted too
	ids := make([]string, 64)
	user := func(i int) chat.Actor { return chat.Actor{ID: fmt.Sprintf("user-%d", i%64)} }
	cid := func(i int) chat.CID { return chat.CID{Type: chat.Team, ID: fmt.Sprintf("c%d", i%20)} }
	if err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
		for i := range 20 {
			if err := tx.InsertChannel(chat.Channel{CID: cid(i), CreatedAt: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	send := func(i int) (string, error) {
		op := chat.Operation{By: user(i), Name: "send", Issued: new(time.Now())}
		if i%2 == 0 {
			op.Key, op.Digest = fmt.Sprint("key ", i, time.Now()), "x"
		}
		return e.SendMessage(t.Context(), chat.SendMessage{Operation: op,
			Message: chat.Message{CID: cid(i), Sender: chat.User{ID: user(i).ID}, Text: "Good morning"}})
	}
	for i := range ids {
		for c := range 20 {
			if err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
				_, err := tx.AddMember(chat.Member{CID: cid(c), User: chat.User{ID: user(i).ID}, Role: chat.ChannelMember})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if ids[i], err = send(i); err != nil {
			t.Fatal(err)
		}
	}
	words := 0
	verbs := []struct {
		what string
		do   func(i int) error
	}{
		{"messages", func(i int) error { _, err := send(i); return err }},
		{"read marks", func(i int) error {
			return e.MarkRead(t.Context(), chat.MarkRead{Operation: chat.Operation{By: user(i / 20)}, CID: cid(i)})
		}},
		{"reactions", func(i int) error {
			return e.React(t.Context(), chat.React{Operation: chat.Operation{By: user(i / 64)}, CID: cid(i % 64), MessageID: ids[i%64],
				Type: fmt.Sprint("word", words)})
		}},
	}
	for _, verb := range verbs {
		for _, n := range []int{1, 64, 512} {
			if verb.what == "reactions" && n > len(ids) {
				continue // a second one to a message sees what the first made of it
			}
			words++
			if err := together(t, store, n, verb.do); err != nil { // so that its statements are prepared
				t.Fatal(err)
			}
			for i := range 20 { // so that there is something to read
				if _, err := send(i); err != nil {
					t.Fatal(err)
				}
			}
			words++
			before := relay.RoundTrips()
			if err := together(t, store, n, verb.do); err != nil {
				t.Fatal(err)
			}
			// The transaction that held them up until all were there has two.
			if got := relay.RoundTrips() - before - 2; got > most {
				t.Errorf("%d %s took %d round trips, want at most %d", n, verb.what, got, most)
			}
		}
	}
}

// together has n calls queue up behind a write, so that they make one batch.
func together(t *testing.T, store *sqlstore.Store, n int, do func(i int) error) error {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = store.Write(context.Background(), func(*sqlstore.Tx) error {
			close(begun)
			<-release
			return nil
		})
	})
	<-begun
	var mu sync.Mutex
	var failed error
	for i := range n {
		wg.Go(func() {
			if err := do(i); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	for store.Waiting() < n {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	return failed
}
