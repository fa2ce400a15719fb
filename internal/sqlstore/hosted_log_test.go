package sqlstore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

func write(t *testing.T, store *sqlstore.Store, fn func(tx *sqlstore.Tx) error) {
	t.Helper()
	if err := store.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestLeases(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		store := open(t, where)
		take := func(owner string, ttl time.Duration) (lease sqlstore.Lease, taken bool) {
			write(t, store, func(tx *sqlstore.Tx) (err error) {
				lease, taken, err = tx.TakeLease("poll", owner, ttl)
				return err
			})
			return lease, taken
		}
		holds := func(l sqlstore.Lease) (held bool) {
			write(t, store, func(tx *sqlstore.Tx) (err error) {
				held, err = tx.HoldsLease(l)
				return err
			})
			return held
		}
		first, taken := take("a", time.Hour)
		if !taken || first.Number != 1 || !holds(first) {
			t.Fatalf("the first: %+v, %v", first, taken)
		}
		if _, taken := take("b", time.Hour); taken {
			t.Error("a lease in force was taken by another owner")
		}
		if again, taken := take("a", time.Hour); !taken || again.Number != 1 {
			t.Errorf("renewed: %+v, %v", again, taken)
		}
		if last, taken := take("a", 0); !taken || holds(last) {
			t.Errorf("an ended lease is held: %+v, %v", last, taken)
		}
		second, taken := take("b", time.Hour)
		if !taken || second.Number != 2 {
			t.Errorf("after it ended: %+v, %v", second, taken)
		}
		if holds(first) || !holds(second) {
			t.Error("the former owner still holds it")
		}
		write(t, store, func(tx *sqlstore.Tx) error { return tx.EndLease(second) })
		if third, taken := take("a", time.Hour); !taken || third.Number != 3 {
			t.Errorf("after it was given back: %+v, %v", third, taken)
		}
	})
}

func TestHostedLogs(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		store := open(t, where)
		cid := chat.CID{Type: chat.Team, ID: "deals"}
		begun := time.UnixMicro(1_000_000).UTC()
		var log sqlstore.HostedLog
		write(t, store, func(tx *sqlstore.Tx) (err error) {
			log, err = tx.BeginHostedLog(cid, begun, begun)
			return err
		})
		if log.Seq != log.Floor || !log.Begun.Equal(begun) {
			t.Errorf("at first: %+v", log)
		}
		var seq int64
		write(t, store, func(tx *sqlstore.Tx) (err error) {
			if err = tx.PutHostedState(log, "m", sqlstore.HostedState{State: `{"text":"hello"}`, At: begun}); err != nil {
				return err
			}
			if err = tx.PutHostedUser(chat.User{ID: "ann", Name: "Ann", Role: chat.RoleAdmin}, begun); err != nil {
				return err
			}
			seq, err = tx.LogHosted(log, sqlstore.Entry{Type: chat.MessageNew, CID: cid, User: "ann", Message: "1", At: begun})
			return err
		})
		read := func() []chat.Event {
			list, err := store.HostedEvents(t.Context(), log, sqlstore.Span{After: log.Seq, UpTo: seq, Limit: 10},
				func(string) string { return "m" },
				func(text string) (*chat.Message, error) { return &chat.Message{Text: text}, nil })
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		list := read()
		if len(list) != 1 || list[0].Seq != log.Seq+1 || list[0].CID != cid || list[0].User.Name != "Ann" || list[0].User.Role != chat.RoleAdmin ||
			!strings.Contains(list[0].Message.Text, "hello") {
			t.Errorf("the log has %+v", list)
		}
		seqs, err := store.HostedSeqs(t.Context(), []chat.CID{cid, {Type: chat.Team, ID: "none"}})
		if err != nil || len(seqs) != 1 || seqs[cid] != seq {
			t.Errorf("seqs: %v, %v", seqs, err)
		}
		if wanted, err := store.HostedLogs(t.Context()); err != nil || len(wanted) != 0 {
			t.Errorf("nobody listens, and wanted are %v, %v", wanted, err)
		}
		write(t, store, func(tx *sqlstore.Tx) error { return tx.WantHosted([]chat.CID{cid}, time.Hour) })
		if wanted, err := store.HostedLogs(t.Context()); err != nil || len(wanted) != 1 || wanted[0].CID != cid {
			t.Errorf("wanted: %v, %v", wanted, err)
		}
		write(t, store, func(tx *sqlstore.Tx) error { return tx.ForgetEvents(begun.Add(time.Second)) })
		if kept, _, err := store.HostedLog(t.Context(), cid); err != nil || kept.Floor != seq {
			t.Errorf("after its events were forgotten: %+v, %v", kept, err)
		}
		write(t, store, func(tx *sqlstore.Tx) (err error) {
			log, err = tx.BeginHostedLog(cid, begun, begun)
			return err
		})
		if log.Seq <= seq || log.Floor != log.Seq || len(read()) != 0 {
			t.Errorf("begun anew: %+v", log)
		}
	})
}

// The logs of a hosted chat are verified, and begin anew when a database was restored: also those that
// the backup doesn't have.
func TestHostedLogsAreVerifiedAndRestored(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		store := open(t, where)
		deals, later := chat.CID{Type: chat.Team, ID: "deals"}, chat.CID{Type: chat.Team, ID: "later"}
		at := time.Now()
		var logs []sqlstore.HostedLog
		begin := func(cid chat.CID) (log sqlstore.HostedLog) {
			write(t, store, func(tx *sqlstore.Tx) (err error) {
				log, err = tx.BeginHostedLog(cid, at, at)
				return err
			})
			return log
		}
		say := func(log sqlstore.HostedLog, n int) {
			write(t, store, func(tx *sqlstore.Tx) (err error) {
				for range n {
					if err == nil {
						_, err = tx.LogHosted(log, sqlstore.Entry{Type: chat.MessageNew, CID: log.CID, User: "ann", Message: "1", At: at})
					}
				}
				return err
			})
		}
		verify := func() (faults []string) {
			if err := store.Verify(t.Context(), func(fault string) { faults = append(faults, fault) }); err != nil {
				t.Fatal(err)
			}
			return faults
		}
		for _, cid := range []chat.CID{deals, {}} {
			logs = append(logs, begin(cid))
			say(logs[len(logs)-1], 5)
		}
		if faults := verify(); len(faults) > 0 {
			t.Errorf("whole logs: %q", faults)
		}
		change := func(text string) {
			write(t, store, func(tx *sqlstore.Tx) error { _, err := tx.Change(text); return err })
		}
		change(`DELETE FROM events WHERE channel < 0 AND seq = 3`)
		change(`INSERT INTO hosted_states (log, subject, state, at) VALUES (-99, 'x', '{}', 1)`)
		change(`UPDATE counters SET value = 0 WHERE name = 'hosted_logs'`)
		want := []string{
			"the log of team:deals, a hosted chat, has a gap: between 2 and 4 nothing is there",
			"the log of the back office, a hosted chat, has a gap: between 2 and 4 nothing is there",
			"the counter of hosted logs is at 0, and a log has the number -2",
			"in hosted_states there are 1 rows of a log that is not there (number -99)",
		}
		faults := verify()
		slices.Sort(faults)
		slices.Sort(want)
		if !slices.Equal(faults, want) {
			t.Errorf("faults: %q", faults)
		}
		change(`DELETE FROM hosted_states WHERE log = -99`)
		change(`UPDATE counters SET value = -2 WHERE name = 'hosted_logs'`)

		restored := time.Now()
		write(t, store, func(tx *sqlstore.Tx) error { return tx.BeginLogs(restored) })
		for _, log := range logs {
			now, found, err := store.HostedLog(t.Context(), log.CID)
			if err != nil || !found || !now.Begun.IsZero() || now.Seq < sqlstore.Micros(restored) || now.Floor != now.Seq {
				t.Errorf("restored: %+v, %v", now, err)
			}
		}
		for _, cid := range []chat.CID{deals, later} {
			log := begin(cid)
			if log.Seq <= sqlstore.Micros(restored) || log.Floor != log.Seq {
				t.Errorf("%s begins at %d", cid, log.Seq)
			}
			say(log, 2)
		}
		if faults := verify(); len(faults) > 0 {
			t.Errorf("restored logs: %q", faults)
		}
	})
}

func TestHostedChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		store := open(t, where)
		for _, subject := range []string{"a", "b", "a"} {
			write(t, store, func(tx *sqlstore.Tx) error { return tx.NoteHostedChange(subject) })
		}
		list, err := store.HostedChanges(t.Context(), 0, 10)
		if err != nil || len(list) != 2 || list[0].Subject != "b" || list[1].Subject != "a" || list[1].No != 3 {
			t.Errorf("changes: %+v, %v", list, err)
		}
		var taken []bool
		for _, id := range []string{"x", "x", "y"} {
			write(t, store, func(tx *sqlstore.Tx) error {
				first, err := tx.TakeHookCall(id, time.Now())
				taken = append(taken, first)
				return err
			})
		}
		if !taken[0] || taken[1] || !taken[2] {
			t.Errorf("taken: %v", taken)
		}
	})
}
