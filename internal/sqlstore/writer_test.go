package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// onBoth runs a test on a fresh SQLite and a fresh PostgreSQL database.
func onBoth(t *testing.T, test func(t *testing.T, where sqlstore.Options)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, sqlstore.Options{URL: pgtest.Open(t)})
	})
}

func open(t *testing.T, where sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func addUser(id string) func(*sqlstore.Tx) error {
	return func(tx *sqlstore.Tx) error {
		return tx.InsertUser(chat.User{ID: id, Role: chat.RoleUser, CreatedAt: time.Now()})
	}
}

func countUsers(t *testing.T, s *sqlstore.Store) int {
	t.Helper()
	list, err := s.Users(t.Context(), chat.UserQuery{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

var errNo = chat.Missing("", "no")

func TestEachWriteStandsOrFallsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		bad := map[int]func(*sqlstore.Tx) error{
			1: func(*sqlstore.Tx) error { return errNo },
			2: func(tx *sqlstore.Tx) error { return errors.Join(addUser("half-done")(tx), errNo) },
			3: func(*sqlstore.Tx) error { panic("a bug") },
			4: func(tx *sqlstore.Tx) error { // a statement that the database refuses
				c := chat.Channel{CID: chat.CID{Type: chat.Team, ID: "taken"}, CreatedAt: time.Now()}
				return errors.Join(tx.InsertChannel(c), tx.InsertChannel(c))
			},
		}
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				fn, isBad := bad[i%10]
				if !isBad {
					fn = addUser(fmt.Sprint("user-", i))
				}
				err := s.Write(t.Context(), fn)
				want := map[int]chat.Code{1: chat.NotFound, 2: chat.NotFound, 3: chat.Internal, 4: chat.Internal}[i%10]
				if got := chat.CodeOf(err); got != want {
					t.Errorf("write %d: got %v, want the code %q", i, err, want)
				}
			})
		}
		wg.Wait()
		if n := countUsers(t, s); n != 180 {
			t.Errorf("there are %d users, want those of the 180 good writes", n)
		}
		if list, err := s.AllChannels(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("there are %d channels (%v), want none", len(list), err)
		}
	})
}

func TestWriteIsWithdrawnOrWaitedFor(t *testing.T) {
	s := open(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	ctx, cancel := context.WithCancel(t.Context())
	begun, proceed := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- s.Write(ctx, func(tx *sqlstore.Tx) error {
			close(begun)
			<-proceed
			return addUser("begun")(tx)
		})
	}()
	<-begun
	second := make(chan error, 1)
	go func() { second <- s.Write(ctx, addUser("waiting")) }()
	cancel()
	if err := <-second; chat.CodeOf(err) != chat.Unavailable {
		t.Errorf("a write that had not begun: got %v, want it withdrawn", err)
	}
	close(proceed)
	if err := <-first; err != nil {
		t.Errorf("a write that had begun: got %v, want its outcome", err)
	}
	if n := countUsers(t, s); n != 1 {
		t.Errorf("there are %d users, want the one whose write had begun", n)
	}
}

func TestClosedStore(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		const writers = 50
		var acknowledged sync.Map
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				id := fmt.Sprint("user-", i)
				switch err := s.Write(t.Context(), addUser(id)); chat.CodeOf(err) {
				case "":
					acknowledged.Store(id, true)
				case chat.Unavailable:
				default:
					t.Error(err)
				}
			})
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if err := s.Write(t.Context(), addUser("late")); chat.CodeOf(err) != chat.Unavailable {
			t.Errorf("writing to a closed store: %v", err)
		}
		n := 0
		acknowledged.Range(func(any, any) bool { n++; return true })
		if got := countUsers(t, open(t, where)); got != n {
			t.Errorf("%d users were acknowledged and %d are there", n, got)
		}
	})
}

func TestServersThatStartAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		var wg sync.WaitGroup
		stores := make([]*sqlstore.Store, 8)
		for i := range stores {
			wg.Go(func() {
				s, err := sqlstore.Open(t.Context(), where)
				if err != nil {
					t.Error(err)
					return
				}
				stores[i] = s
				for n := range 20 {
					if err := s.Write(t.Context(), addUser(fmt.Sprint("user-", i, "-", n))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		if n := countUsers(t, stores[0]); n != 8*20 {
			t.Errorf("there are %d users, want those of all servers", n)
		}
		for _, s := range stores {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Two nodes on one PostgreSQL take row locks in different orders. The one that the database
// aborts must succeed all the same.
func TestWritesOfTwoNodesThatDeadlock(t *testing.T) {
	where := sqlstore.Options{URL: pgtest.Open(t)}
	nodes := []*sqlstore.Store{open(t, where), open(t, where)}
	a, b := chat.CID{Type: chat.Team, ID: "a"}, chat.CID{Type: chat.Team, ID: "b"}
	for _, cid := range []chat.CID{a, b} {
		if err := nodes[0].Write(t.Context(), func(tx *sqlstore.Tx) error {
			return tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: time.Now()})
		}); err != nil {
			t.Fatal(err)
		}
	}
	var met sync.WaitGroup
	met.Add(2)
	var wg sync.WaitGroup
	for i, order := range [][]chat.CID{{a, b}, {b, a}} {
		wg.Go(func() {
			tries := 0
			err := nodes[i].Write(t.Context(), func(tx *sqlstore.Tx) error {
				tries++
				for n, cid := range order {
					m := chat.Message{ID: fmt.Sprint(i, n), CID: cid, Sender: chat.User{ID: "u"}, CreatedAt: time.Now()}
					if _, err := tx.AppendMessage(&m, false); err != nil {
						return err
					}
					if tries == 1 && n == 0 {
						met.Done()
						met.Wait()
					}
				}
				return tx.InsertUser(chat.User{ID: "u", Role: chat.RoleUser})
			})
			if err != nil {
				t.Errorf("node %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, cid := range []chat.CID{a, b} {
		list, _, err := nodes[0].Messages(t.Context(), chat.MessageQuery{CID: cid, Limit: 10})
		if err != nil || len(list) != 2 || list[1].Seq != 2 {
			t.Errorf("%s has %d messages (%v), want 2 without a gap", cid, len(list), err)
		}
	}
}

func TestDatabaseThatGoesAwayAndComesBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.db")
	s := open(t, sqlstore.Options{Path: file})
	other, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), addUser("locked-out")); chat.CodeOf(err) != chat.Unavailable {
		t.Errorf("writing to a locked database: got %v, want Unavailable", err)
	}
	if _, err := s.AllChannels(t.Context()); err != nil {
		t.Errorf("reading beside a writer: %v", err)
	}
	if err := s.Ready(t.Context()); chat.MessageOf(err) != "Another process has locked the database." {
		t.Errorf("ready: %v, want the lock as the reason", err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), addUser("back")); err != nil {
		t.Errorf("writing once the lock is gone: %v", err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready once a write has succeeded: %v", err)
	}
	if n := countUsers(t, s); n != 1 {
		t.Errorf("there are %d users, want 1", n)
	}
}

func TestPostgreSQLThatDropsItsConnections(t *testing.T) {
	where := sqlstore.Options{URL: pgtest.Open(t)}
	s := open(t, where)
	admin, err := sql.Open("pgx", where.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	for i := range 5 {
		if err := s.Write(t.Context(), addUser(fmt.Sprint("user-", i))); err != nil {
			t.Errorf("writing after the connections were dropped: %v", err)
		}
		if n := countUsers(t, s); n != i+1 {
			t.Errorf("there are %d users, want %d", n, i+1)
		}
		const drop = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`
		if _, err := admin.ExecContext(t.Context(), drop); err != nil {
			t.Fatal(err)
		}
	}
}

// A cluster that usually answers before a change is on disk answers us after it.
func TestPostgreSQLThatWouldAnswerEarly(t *testing.T) {
	for set, want := range map[string]string{"off": "on", "remote_apply": "remote_apply"} {
		where := sqlstore.Options{URL: pgtest.Open(t)}
		admin, err := sql.Open("pgx", where.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = admin.Close() })
		const alter = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = %s', current_database()); END $$`
		if _, err := admin.ExecContext(t.Context(), strings.Replace(alter, "%s", set, 1)); err != nil {
			t.Fatal(err)
		}
		var got string
		err = open(t, where).Write(t.Context(), func(tx *sqlstore.Tx) (err error) {
			got, err = tx.Setting("synchronous_commit")
			return err
		})
		if err != nil || got != want {
			t.Errorf("with %s as the cluster's own: got %q, %v, want %s", set, got, err, want)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for what, where := range map[string]sqlstore.Options{
		"a folder that isn't there":   {Path: filepath.Join(t.TempDir(), "no", "such", "folder", "chat.db")},
		"a URL that is none":          {URL: "postgres://%zz"},
		"a PostgreSQL that is absent": {URL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"},
	} {
		if s, err := sqlstore.Open(t.Context(), where); err == nil {
			t.Errorf("%s: opened", what)
			_ = s.Close()
		}
	}
}
