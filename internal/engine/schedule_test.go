package engine_test

import (
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
)

// movable is a clock that a test sets.
type movable struct {
	mu sync.Mutex
	at time.Time
}

func (m *movable) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *movable) set(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = at
}

// A scheduled announcement is sent when it is due, and left to a person if it is late.
func TestSchedule(t *testing.T) {
	now := time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC)
	store, err := sqlstore.Open(t.Context(), inFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	clock := &movable{at: now}
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Clock: clock.now})
	t.Cleanup(func() { e.Close(); _ = store.Close() })
	cids := withChannels(t, e, 2)
	ctx := t.Context()
	schedule := func(local string) string {
		id := announce(t, e, chat.ChannelSelection{All: true})
		s, bad := chat.ParseSchedule(local, "Europe/Berlin")
		if bad != nil {
			t.Fatal(bad)
		}
		if err := e.SendAnnouncement(ctx, chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id, Schedule: s}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	skipped := schedule("2026-03-29T02:30") // doesn't exist: it means 03:00, which is 01:00 UTC
	late := schedule("2026-03-29T06:00")
	later := schedule("2026-03-29T09:00")
	if j, err := e.Job(ctx, skipped); err != nil || j.State != chat.JobScheduled {
		t.Fatalf("before: %+v, %v", j, err)
	}
	clock.set(now.Add(time.Minute))
	if j := ended(t, e, skipped); j.State != chat.JobDone {
		t.Fatalf("when due: %+v", j)
	}
	clock.set(time.Date(2026, 3, 29, 5, 0, 0, 0, time.UTC))
	if j := ended(t, e, late); j.State != chat.JobDone {
		t.Fatalf("exactly an hour late: %+v", j)
	}
	clock.set(time.Date(2026, 3, 29, 8, 0, 1, 0, time.UTC))
	if j := until(t, e, later, func(j chat.Job) bool { return j.State != chat.JobScheduled }); j.State != chat.JobMissed {
		t.Fatalf("an hour late: %+v", j)
	}
	if got := shown(t, e, cids, "closed tomorrow"); !slices.Equal(got, each(2, 2)) {
		t.Errorf("messages: %v", got)
	}
	if err := e.SendAnnouncement(ctx, chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: later}); err != nil {
		t.Fatal(err)
	}
	ended(t, e, later)
	if got := shown(t, e, cids, "closed tomorrow"); !slices.Equal(got, each(2, 3)) {
		t.Errorf("after somebody decided: %v", got)
	}
}

// What a clock on the wall skips or shows twice is begun by the runner at the right moment, and not
// before it.
func TestSchedulesAcrossChangesOfTheClock(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ local, zone, due string }{
		{"2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"},       // twice: the first
		{"2026-03-08T02:30", "America/New_York", "2026-03-08T07:00:00Z"},    // skipped: 03:00
		{"2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00Z"}, // half an hour is skipped: 02:30
		{"2018-11-04T00:30", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},   // midnight is skipped: 01:00
		{"2026-02-15T02:30", "Africa/Casablanca", "2026-02-15T01:30:00Z"},   // twice, for Ramadan: the first
		{"2026-04-24T00:30", "Africa/Cairo", "2026-04-23T22:00:00Z"},        // midnight is skipped: 01:00
		{"2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00:00Z"},        // a whole day is skipped
	} {
		t.Run(row.zone+" "+row.local, func(t *testing.T) {
			t.Parallel()
			due, err := time.Parse(time.RFC3339, row.due)
			if err != nil {
				t.Fatal(err)
			}
			clock := &movable{at: due.Add(-time.Second)}
			store, err := sqlstore.Open(t.Context(), inFolder(t))
			if err != nil {
				t.Fatal(err)
			}
			e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Clock: clock.now})
			t.Cleanup(func() { e.Close(); _ = store.Close() })
			cids := withChannels(t, e, 1)
			id := announce(t, e, chat.ChannelSelection{All: true})
			s, bad := chat.ParseSchedule(row.local, row.zone)
			if bad != nil {
				t.Fatal(bad)
			}
			if err := e.SendAnnouncement(t.Context(), chat.SendAnnouncement{Operation: bo("sendAnnouncement"), ID: id, Schedule: s}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1200 * time.Millisecond) // the runner looks each second
			if j, err := e.Job(t.Context(), id); err != nil || j.State != chat.JobScheduled {
				t.Fatalf("a second before: %+v, %v", j, err)
			}
			clock.set(due)
			if j := ended(t, e, id); j.State != chat.JobDone || !slices.Equal(shown(t, e, cids, "closed tomorrow"), []int{1}) {
				t.Errorf("when due: %+v", j)
			}
		})
	}
}
