package job

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

func openStore(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// busy keeps a store's writer busy, with another write waiting, until the returned function is
// called.
func busy(t *testing.T, store *sqlstore.Store) (end func()) {
	t.Helper()
	begun, ended := make(chan struct{}), make(chan struct{})
	write := func(fn func(*sqlstore.Tx) error) <-chan error {
		done := make(chan error, 1)
		go func() { done <- store.Write(context.WithoutCancel(t.Context()), fn) }()
		return done
	}
	first := write(func(*sqlstore.Tx) error { close(begun); <-ended; return nil })
	<-begun
	second := write(func(*sqlstore.Tx) error { return nil })
	for store.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	return func() {
		close(ended)
		for _, done := range []<-chan error{first, second} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
}

// sender is a chat that only takes messages.
type sender struct {
	chat.Provider
	send func()
}

func (s sender) SendMessage(context.Context, chat.SendMessage) (string, error) {
	s.send()
	return "", nil
}

// While people's writes wait, a job rests after each step for as long as the step took.
func TestJobsRestWhilePeopleWait(t *testing.T) {
	t.Parallel()
	store := openStore(t, filepath.Join(t.TempDir(), "chat.db"))
	const work = 50 * time.Millisecond
	var worked time.Time
	end := func() {}
	r := New(Options{Store: store, AtOnce: 1, Clock: time.Now, Time: now, Logger: slog.New(slog.DiscardHandler), Provider: sender{send: func() {
		time.Sleep(work)
		end = busy(t, store)
		worked = time.Now()
	}}})
	j := chat.Job{ID: "j", Operation: SendAnnouncement, State: chat.JobRunning, CreatedAt: time.Now()}
	err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
		if err := jobstore.Insert(tx, j, chat.JobInput{}); err != nil {
			return err
		}
		return jobstore.AddRows(tx, j.ID, []string{"team:one"})
	})
	if err != nil {
		t.Fatal(err)
	}
	r.told[j.ID] = time.Now().Add(time.Hour) // so that progress isn't stored, which would wait too
	if err := r.step(t.Context(), j, sqlstore.Lease{}); err != nil {
		t.Fatal(err)
	}
	if rested := time.Since(worked); rested < work {
		t.Errorf("after a step of %v the job rested %v", work, rested)
	}
	end()
	// A job that nobody waits for doesn't rest. Three attempts, since the machine may be slow.
	for attempt := 1; ; attempt++ {
		began := time.Now()
		if Yield(t.Context(), store, maxRest); time.Since(began) < maxRest {
			break
		}
		if attempt == 3 {
			t.Fatal("the job rests though nobody waits")
		}
	}
}

// Two servers on a database never do a chore at the same time.
func TestOneServerAtATimeDoesChores(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	server := func(do func()) *Runner {
		return New(Options{Store: openStore(t, path), AtOnce: 1, Clock: time.Now, Time: now, Logger: slog.New(slog.DiscardHandler),
			Chores: []Chore{{Name: "sweeping", Every: time.Hour, Do: func(context.Context) error { do(); return nil }}}})
	}
	round := func(r *Runner) {
		t.Helper()
		if _, err := r.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	here, there := 0, 0
	b := server(func() { there++ })
	a := server(func() {
		here++
		round(b)
		if there != 0 {
			t.Error("both servers do a chore at the same time")
		}
	})
	round(a)
	round(a) // nothing is due: it gives the lease back
	round(b)
	if here != 1 || there != 1 {
		t.Errorf("the chore was done %d and %d times, want once by each server", here, there)
	}
}

func now(context.Context) (time.Time, error) { return time.Now(), nil }

// Schedules go by the time that servers agree on, not by the clock of the one that looks.
func TestSchedulesDontGoByOneServersClock(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for what, row := range map[string]struct {
		here, agreed time.Time
		due          int
		want         chat.JobState
	}{
		"this clock is ahead":           {due.Add(time.Minute), due.Add(-time.Hour), 0, chat.JobScheduled},
		"this clock is behind":          {due.Add(-4 * time.Hour), due.Add(2 * time.Hour), 1, chat.JobMissed},
		"this clock is a little behind": {due.Add(time.Minute), due.Add(chat.MissedAfter + time.Second), 1, chat.JobMissed},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			store := openStore(t, filepath.Join(t.TempDir(), "chat.db"))
			r := New(Options{Store: store, AtOnce: 1, Clock: func() time.Time { return row.here }, Logger: slog.New(slog.DiscardHandler),
				Time: func(context.Context) (time.Time, error) { return row.agreed, nil }})
			j := chat.Job{ID: "j", Operation: SendAnnouncement, State: chat.JobScheduled, CreatedAt: due.Add(-24 * time.Hour),
				Schedule: chat.Schedule{Local: due.Format(chat.LocalTime), Zone: "UTC"}}
			if err := store.Write(t.Context(), func(tx *sqlstore.Tx) error {
				if err := jobstore.Insert(tx, j, chat.JobInput{}); err != nil {
					return err
				}
				_, err := jobstore.Put(tx, j) // with the schedule
				return err
			}); err != nil {
				t.Fatal(err)
			}
			open, err := jobstore.Open(t.Context(), store)
			if err != nil {
				t.Fatal(err)
			}
			if due, err := r.due(t.Context(), open); err != nil || len(due) != row.due {
				t.Errorf("%d jobs are due, want %d (%v)", len(due), row.due, err)
			}
			if _, err := r.round(t.Context()); err != nil {
				t.Fatal(err)
			}
			found := chat.Job{}
			err = store.Write(t.Context(), func(tx *sqlstore.Tx) (err error) {
				found, _, err = jobstore.Find(tx, j.ID)
				return err
			})
			if err != nil || found.State != row.want {
				t.Errorf("the job is %s, want %s (%v)", found.State, row.want, err)
			}
		})
	}
}
