package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

var lost = chat.CID{Type: chat.Team, ID: "lost"}

// send appends a message to the channel lost, and counts the calls of its hook.
func send(id string, hooks *atomic.Int32) func(*sqlstore.Tx) error {
	return func(tx *sqlstore.Tx) error {
		tx.AfterCommit(func() { hooks.Add(1) })
		_, err := tx.AppendMessage(&chat.Message{ID: id, CID: lost, Sender: chat.User{ID: "u"}, CreatedAt: time.Now()}, false)
		return err
	}
}

// stored tells how often each message of the channel lost is there.
func stored(t *testing.T, s *sqlstore.Store) map[string]int {
	t.Helper()
	list, _, err := s.Messages(t.Context(), chat.MessageQuery{CID: lost, Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for i, m := range list {
		times[m.ID]++
		if m.Seq != int64(i+1) {
			t.Errorf("the message %d has the number %d", i+1, m.Seq)
		}
	}
	return times
}

// openLost opens a cluster by way of a proxy, with the channel lost in it.
func openLost(t *testing.T) (*pgtest.Cluster, *proxy, *sqlstore.Store) {
	t.Helper()
	cluster := pgtest.OpenCluster(t)
	p := newProxy(t, cluster.Socket)
	s := open(t, sqlstore.Options{URL: p.url()})
	if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
		return errors.Join(tx.InsertUser(chat.User{ID: "u"}), tx.InsertChannel(chat.Channel{CID: lost, CreatedAt: time.Now()}))
	}); err != nil {
		t.Fatal(err)
	}
	return cluster, p, s
}

// Cutting a connection at any moment of a batch does no harm: what was committed isn't done
// again, and what wasn't is.
func TestConnectionIsCutWithinABatch(t *testing.T) {
	cluster, p, s := openLost(t)
	restart := func(crash bool) func() { return func() { cluster.Restart(t, crash) } }
	lookUp := func() { p.arm(cut{at: "pg_xact_status"}) }
	for i, row := range []struct {
		what string
		cut  cut
	}{
		{"COMMIT doesn't arrive", cut{at: "COMMIT"}},
		{"COMMIT doesn't arrive, and the server doesn't notice", cut{at: "COMMIT", linger: true}},
		{"COMMIT's answer is lost", cut{at: "COMMIT", pass: true, answer: true}},
		{"COMMIT is on its way", cut{at: "COMMIT", pass: true, linger: true}},
		{"COMMIT's answer is lost, and the looking-up cut", cut{at: "COMMIT", pass: true, answer: true, then: lookUp}},
		{"COMMIT doesn't arrive, and the looking-up is cut", cut{at: "COMMIT", then: lookUp}},
		{"COMMIT's answer is lost in a restart", cut{at: "COMMIT", pass: true, answer: true, then: restart(false)}},
		{"COMMIT's answer is lost in a crash", cut{at: "COMMIT", pass: true, answer: true, then: restart(true)}},
		{"COMMIT doesn't arrive before a restart", cut{at: "COMMIT", then: restart(false)}},
		{"COMMIT doesn't arrive before a crash", cut{at: "COMMIT", then: restart(true)}},
		{"the beginning is cut", cut{at: "BEGIN now"}},
		{"the beginning's answer is lost", cut{at: "BEGIN now", pass: true, answer: true}},
		{"the beginning is cut after the first result", cut{at: "BEGIN now", pass: true, answer: true, heard: 1}},
		{"the beginning is cut after the last result", cut{at: "BEGIN now", pass: true, answer: true, heard: everyResult}},
		{"COMMIT's batch is cut after the first result", cut{at: "COMMIT", pass: true, answer: true, heard: 1}},
		{"COMMIT's batch is cut after the last result", cut{at: "COMMIT", pass: true, answer: true, heard: everyResult}},
	} {
		t.Run(row.what, func(t *testing.T) {
			var hooks atomic.Int32
			id := fmt.Sprint("m", i)
			p.arm(row.cut)
			if err := s.Write(t.Context(), send(id, &hooks)); err != nil {
				t.Errorf("got %v, want success", err)
			}
			if times := stored(t, s); times[id] != 1 || len(times) != i+1 {
				t.Errorf("the message is there %d times, beside %d others", times[id], len(times)-1)
			}
			if n := hooks.Load(); n != 1 {
				t.Errorf("its hook was called %d times", n)
			}
			if err := s.Ready(t.Context()); err != nil {
				t.Errorf("not ready afterwards: %v", err)
			}
		})
	}
}

// An outcome that can't be found out in time is reported as unknown, whether the
// transaction was committed or not. It is never committed after that answer.
func TestOutcomeThatCanNotBeFoundOut(t *testing.T) {
	_, p, s := openLost(t)
	for id, arrives := range map[string]bool{"arrives": true, "lost": false} {
		var hooks atomic.Int32
		p.arm(cut{at: "COMMIT", pass: arrives, answer: arrives, then: func() { p.refuse(true) }})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		err := s.Write(ctx, send(id, &hooks))
		cancel()
		failure, _ := errors.AsType[*chat.Error](err)
		if failure == nil || failure.Code != chat.Unavailable || failure.Outcome != chat.OutcomeUnknown {
			t.Errorf("%s: got %v, want that the outcome is unknown", id, err)
		}
		if err := s.Ready(t.Context()); err == nil {
			t.Errorf("%s: ready without a database", id)
		}
		p.refuse(false)
		if err := s.Write(t.Context(), send("after "+id, &hooks)); err != nil {
			t.Error(err)
		}
		if times := stored(t, s); (times[id] == 1) != arrives {
			t.Errorf("%s: it is there %d times", id, times[id])
		}
	}
}

// Under load, with PostgreSQL restarted and crashing at any moment, what was
// acknowledged is there once, what was refused is not there, and what is unknown is
// there at most once.
func TestPostgreSQLRestartsUnderLoad(t *testing.T) {
	cluster, _, s := openLost(t)
	var mu sync.Mutex
	outcomes := map[string]string{}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				var hooks atomic.Int32
				id := fmt.Sprintf("m%d-%d", w, i)
				err := s.Write(t.Context(), send(id, &hooks))
				failure, _ := errors.AsType[*chat.Error](err)
				mu.Lock()
				switch {
				case err == nil:
					outcomes[id] = "stored"
				case failure != nil && failure.Outcome == chat.OutcomeUnknown:
					outcomes[id] = "unknown"
				default:
					outcomes[id] = "refused"
				}
				mu.Unlock()
			}
		})
	}
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for _, outcome := range outcomes {
			if outcome == "stored" {
				n++
			}
		}
		return n >= 20
	}
	for i := 0; i < 8 || i < 40 && !enough(); i++ { // a busy machine stores little between two
		time.Sleep(time.Duration(100+37*i) * time.Millisecond) // some moment of the load
		cluster.Restart(t, i%2 == 0)
	}
	close(stop)
	wg.Wait()
	times, count := stored(t, s), map[string]int{}
	for id, outcome := range outcomes {
		count[outcome]++
		if n := times[id]; n > 1 || outcome == "stored" && n != 1 || outcome == "refused" && n != 0 {
			t.Errorf("%s was %s and is there %d times", id, outcome, n)
		}
	}
	t.Logf("%v", count)
	if count["stored"] < 20 {
		t.Errorf("%d messages were stored, too few to show anything", count["stored"])
	}
}

// A caller that waits for a locked or frozen database is answered at the deadline, and its
// write isn't done when the database is back.
func TestWriteEndsAtItsDeadline(t *testing.T) {
	cluster, _, onPostgres := openLost(t)
	file := filepath.Join(t.TempDir(), "chat.db")
	onSQLite := open(t, sqlstore.Options{Path: file})
	if err := onSQLite.Write(t.Context(), func(tx *sqlstore.Tx) error {
		return errors.Join(tx.InsertUser(chat.User{ID: "u"}), tx.InsertChannel(chat.Channel{CID: lost, CreatedAt: time.Now()}))
	}); err != nil {
		t.Fatal(err)
	}
	unlock := func() {}
	for what, row := range map[string]struct {
		store        *sqlstore.Store
		freeze, thaw func()
	}{
		"SQLite locked by another process": {onSQLite, func() { unlock = lock(t, file) }, func() { unlock() }},
		"PostgreSQL frozen":                {onPostgres, func() { cluster.Freeze(t) }, func() { cluster.Thaw(t) }},
	} {
		var hooks atomic.Int32
		for _, moment := range []string{"before it begins", "within it"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if moment == "before it begins" {
				row.freeze()
			}
			begun := time.Now()
			err := row.store.Write(ctx, func(tx *sqlstore.Tx) error {
				if moment == "within it" && row.store == onPostgres {
					cluster.Freeze(t)
				}
				return send(what+moment, &hooks)(tx)
			})
			cancel()
			if row.store == onSQLite && moment == "within it" {
				continue // it can't be locked then
			}
			failure, _ := errors.AsType[*chat.Error](err)
			if failure == nil || failure.Code != chat.Unavailable || failure.Outcome != "" {
				t.Errorf("%s %s: got %v, want that nothing was changed", what, moment, err)
			}
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("%s %s: answered after %s", what, moment, took)
			}
			row.thaw()
			if err := row.store.Write(t.Context(), send(what+moment+", later", &hooks)); err != nil {
				t.Error(err)
			}
			if times := stored(t, row.store); times[what+moment] != 0 {
				t.Errorf("%s %s: it was done all the same", what, moment)
			}
		}
	}
}

// If one write of a batch leaves at its deadline, the others are unharmed.
func TestOneOfABatchLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		hold := make(chan struct{})
		begun := make(chan struct{})
		go func() {
			_ = s.Write(t.Context(), func(*sqlstore.Tx) error { close(begun); <-hold; return nil })
		}()
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if err := s.Write(t.Context(), addUser(fmt.Sprint("before-", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if err := s.Write(ctx, addUser("leaves")); chat.CodeOf(err) != chat.Unavailable {
				t.Errorf("got %v, want that it is withdrawn", err)
			}
		})
		once := sync.OnceFunc(func() { <-ctx.Done() }) // until the other has left
		wg.Go(func() {
			if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error {
				once()
				time.Sleep(10 * time.Millisecond)
				return addUser("slow")(tx)
			}); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(50 * time.Millisecond) // all are queued
		close(hold)
		wg.Wait()
		if n := countUsers(t, s); n != 21 {
			t.Errorf("there are %d users, want all but the one that left", n)
		}
	})
}

// lock takes the write lock of a SQLite file, and returns what gives it back.
func lock(t *testing.T, file string) func() {
	t.Helper()
	other, conn := connectTo(t, file)
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = errors.Join(conn.Close(), other.Close()) }
}

func connectTo(t *testing.T, file string) (*sql.DB, *sql.Conn) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return db, conn
}
