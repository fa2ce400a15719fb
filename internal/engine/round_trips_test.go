package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A batch takes two round trips to PostgreSQL, however many messages, read marks and
// reactions it holds, in however many channels and of however many users.
func TestRoundTripsOfABatch(t *testing.T) {
	const most = 2
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
	noPlanReadsATable(t, store)
}

// noPlanReadsATable looks at the plans of what runs for many at once. They outlive the time
// at which their tables are small.
func noPlanReadsATable(t *testing.T, store *sqlstore.Store) {
	t.Helper()
	if err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
		if _, err := tx.Change(`SET LOCAL plan_cache_mode = force_generic_plan`); err != nil {
			return err
		}
		calls, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT 'EXECUTE ' || name || '(' ||
			array_to_string(array_fill('NULL'::text, ARRAY[cardinality(parameter_types)]), ', ') || ')'
			FROM pg_prepared_statements WHERE statement LIKE '%unnest(%' AND cardinality(parameter_types) > 0`)
		if err != nil || len(calls) < 10 {
			return fmt.Errorf("%d statements run for many, %w", len(calls), err)
		}
		for _, call := range calls {
			plan, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `EXPLAIN `+call)
			if err != nil {
				return err
			}
			if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan") || strings.Contains(text, "Hash Join") {
				t.Errorf("this reads a whole table:\n%s", text)
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// What is read and written for many at once goes to each as it would alone: its own sender,
// channel, key and rights.
func TestEachOfABatchStandsAlone(t *testing.T) {
	for what, where := range map[string]sqlstore.Options{"SQLite": inFolder(t), "PostgreSQL": {URL: pgtest.Open(t)}} {
		e := open(t, where)
		const users, channels, each = 8, 5, 3
		user := func(i int) chat.Actor { return chat.Actor{ID: fmt.Sprint("user-", i%users)} }
		cid := func(i int) chat.CID { return chat.CID{Type: chat.Team, ID: fmt.Sprint("c", i%channels)} }
		for c := range channels {
			scene(t, e, cid(c), chat.RoleUser)
			var members []string
			for i := range users {
				if _, err := e.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: clerk, Users: []chat.UserChange{{ID: user(i).ID, Name: fmt.Sprint("User ", i), Role: chat.RoleUser}}}); err != nil {
					t.Fatal(err)
				}
				members = append(members, user(i).ID)
			}
			if err := e.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: clerk, CID: cid(c), Add: members}); err != nil {
				t.Fatal(err)
			}
		}
		banned := func(i int) bool { return user(i) == user(3) && cid(i) == cid(2) }
		if err := e.Restrict(t.Context(), chat.Restrict{Operation: clerk, Kind: chat.Ban, UserID: user(3).ID, CID: cid(2)}); err != nil {
			t.Fatal(err)
		}
		ids := make([]string, users*channels*each)
		for range 2 { // the second time as a repeat
			if err := together(t, e.Store, len(ids), func(i int) error {
				op := chat.Operation{By: user(i), Name: "send", Key: fmt.Sprint("key-", i/users), Digest: "x"}
				id, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: op, Message: chat.Message{CID: cid(i), Sender: user(i).User(), Text: fmt.Sprint("text ", i)}})
				if banned(i) != (chat.CodeOf(err) == chat.Unauthorized) || !banned(i) && err != nil || ids[i] != "" && ids[i] != id {
					return fmt.Errorf("%d of %s in %s: %q after %q, %w", i, user(i).ID, cid(i), id, ids[i], err)
				}
				ids[i] = id
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
		for c := range channels {
			list, _, err := e.Store.Messages(t.Context(), chat.MessageQuery{CID: cid(c), Limit: 1_000})
			if err != nil {
				t.Fatal(err)
			}
			want := 1 // that of the scene
			for i, id := range ids {
				if cid(i) != cid(c) || banned(i) {
					continue
				}
				want++
				if at := slices.IndexFunc(list, func(m chat.Message) bool { return m.ID == id }); at < 0 || list[at].Text != fmt.Sprint("text ", i) || list[at].Sender.ID != user(i).ID {
					t.Errorf("message %d of %s isn't in %s", i, user(i).ID, cid(c))
				}
			}
			for k, m := range list[1:] {
				if m.Seq <= list[k].Seq {
					t.Errorf("%s: %d comes after %d", cid(c), m.Seq, list[k].Seq)
				}
			}
			if len(list) != want {
				t.Errorf("%s: %s has %d messages, want %d", what, cid(c), len(list), want)
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
