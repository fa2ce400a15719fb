package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// openNodes opens several stores on one PostgreSQL database with channels c0, c1 …
func openNodes(t *testing.T, n, channels int) (stores []*sqlstore.Store, url string) {
	t.Helper()
	url = pgtest.Open(t)
	for range n {
		stores = append(stores, open(t, sqlstore.Options{URL: url}))
	}
	if err := stores[0].Write(t.Context(), func(tx *sqlstore.Tx) error {
		for i := range channels {
			if err := tx.InsertChannel(chat.Channel{CID: channelNo(i), CreatedAt: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return stores, url
}

func channelNo(i int) chat.CID { return chat.CID{Type: chat.Team, ID: fmt.Sprintf("c%02d", i)} }

func deadlocks(t *testing.T, url string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	time.Sleep(1100 * time.Millisecond) // sessions report what they counted once a second
	if err := conn.QueryRow(t.Context(), `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Servers that write to the same channels, each in an order of its own, wait for each
// other but never in a circle.
func TestServersDoNotDeadlock(t *testing.T) {
	const channels, writers, each = 20, 16, 40
	stores, url := openNodes(t, 3, channels)
	var wg sync.WaitGroup
	for node, s := range stores {
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					cid := channelNo(rand.IntN(channels))
					at := time.Now()
					j := sqlstore.Job{Channel: cid, Run: func(tx *sqlstore.Tx) error {
						if i%8 == 0 { // the back office's log is locked beside channels
							entry := sqlstore.Entry{Type: chat.UserUpdated, User: "u", At: at}
							if err := tx.LogBackOffice(entry, func(int64) {}); err != nil {
								return err
							}
						}
						_, err := tx.AppendMessage(&chat.Message{ID: fmt.Sprint(node, "-", w, "-", i), CID: cid,
							Sender: chat.User{ID: "u"}, Text: "x", CreatedAt: at}, false)
						return err
					}}
					if i%2 == 0 {
						j.Reads = func(*sqlstore.Reads) {}
					}
					if i%8 == 0 {
						j.Reads = nil
					}
					if err := s.Do(t.Context(), j); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if n := deadlocks(t, url); n > 0 {
		t.Errorf("%d deadlocks", n)
	}
	total := 0
	for i := range channels {
		list, _, err := stores[0].Messages(t.Context(), chat.MessageQuery{CID: channelNo(i), Limit: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		for k, m := range list {
			if m.Seq != int64(k+1) {
				t.Fatalf("message %d of %s has the number %d", k+1, channelNo(i), m.Seq)
			}
		}
		total += len(list)
	}
	if want := len(stores) * writers * each; total != want {
		t.Errorf("%d messages, want %d", total, want)
	}
}

// A batch that the database ends for the sake of another is run again whole: its jobs
// don't fall apart into a transaction each.
func TestDeadlockedBatchRunsAgain(t *testing.T) {
	stores, url := openNodes(t, 1, 2)
	s := stores[0]
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for _, text := range []string{`SET deadlock_timeout = '10s'`, `BEGIN`, `SELECT no FROM channels WHERE cid = 'team:c01' FOR UPDATE`} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	runs := 0
	wait := make(chan error, 1)
	err = s.Write(t.Context(), func(tx *sqlstore.Tx) error {
		if runs++; runs == 2 {
			if err := <-wait; err != nil {
				t.Errorf("the other transaction: %v", err)
			}
		}
		at := time.Now()
		for i := range 2 { // one after the other, since the job names neither
			if _, _, err := tx.Log(sqlstore.Entry{Type: chat.ChannelUpdated, CID: channelNo(i), User: "u", At: at}); err != nil {
				return err
			}
			if i == 0 && runs == 1 {
				go func() {
					_, err := conn.Exec(context.WithoutCancel(t.Context()), `SELECT no FROM channels WHERE cid = 'team:c00' FOR UPDATE`)
					_, end := conn.Exec(context.WithoutCancel(t.Context()), `ROLLBACK`)
					wait <- errors.Join(err, end)
				}()
				time.Sleep(200 * time.Millisecond) // it stands in line by then
			}
		}
		return nil
	})
	if err != nil || runs != 2 {
		t.Errorf("got %v after %d runs, want success after 2", err, runs)
	}
	if n := deadlocks(t, url); n != 1 {
		t.Errorf("%d deadlocks, want the one that was made", n)
	}
}

// A server that stands still within a transaction holds the others up for two seconds,
// and goes on afterwards.
func TestServerThatStandsStill(t *testing.T) {
	stores, _ := openNodes(t, 2, 1)
	still, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	log := func(tx *sqlstore.Tx) error {
		_, _, err := tx.Log(sqlstore.Entry{Type: chat.ChannelUpdated, CID: channelNo(0), User: "u", At: time.Now()})
		return err
	}
	stopped := make(chan error, 1)
	go func() {
		stopped <- stores[0].Write(context.WithoutCancel(t.Context()), func(tx *sqlstore.Tx) error {
			err := log(tx)
			once.Do(func() {
				close(still)
				<-release
			})
			return err
		})
	}()
	<-still
	begin := time.Now()
	if err := stores[1].Write(t.Context(), log); err != nil {
		t.Errorf("the other server: %v", err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("the other server waited for %v", took)
	}
	close(release)
	if err := <-stopped; err != nil {
		t.Errorf("the server that stood still: %v", err)
	}
	if end, _, err := stores[0].ChannelLog(t.Context(), channelNo(0)); err != nil || end.Seq != 2 {
		t.Errorf("the log ends at %d, %v; want 2", end.Seq, err)
	}
}
