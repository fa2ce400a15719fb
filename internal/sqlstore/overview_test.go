package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// Messages are counted in the hour in which they were sent, whatever their ids are.
func TestMessagesAreCountedByTime(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		messagesAreCountedByTime(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")})
	})
	t.Run("PostgreSQL", func(t *testing.T) { messagesAreCountedByTime(t, sqlstore.Options{URL: pgtest.Open(t)}) })
}

func messagesAreCountedByTime(t *testing.T, where sqlstore.Options) {
	store, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	hour := time.Now().UTC().Truncate(time.Hour)
	cid := chat.CID{Type: chat.Team, ID: "room"}
	ours := func() string { return uuid.Must(uuid.NewV7()).String() }
	err = store.Write(t.Context(), func(tx *sqlstore.Tx) error {
		if err := tx.InsertChannel(chat.Channel{CID: cid, CreatedAt: hour}); err != nil {
			return err
		}
		for n, m := range []struct {
			id string
			at time.Time
		}{
			{ours(), time.Now()},
			{ours(), hour.Add(-time.Minute)}, // by its id it is of this hour
			{"app-1", hour.Add(time.Second)},
			{"zzz", hour},
			{"00000000-0000-7000-8000-000000000000", hour.Add(time.Hour - time.Microsecond)},
			{"app-2", hour.Add(-time.Microsecond)},
			{uuid.NewString(), hour.Add(-time.Hour)},
			{"app-3", hour.Add(-time.Hour - time.Microsecond)},
		} {
			if seq, err := tx.AppendMessage(&chat.Message{ID: m.id, CID: cid, Sender: chat.User{ID: "ann"}, CreatedAt: m.at}, false); err != nil || seq == 0 {
				return fmt.Errorf("message %d: %w", n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for back, want := range []int64{4, 3, 1, 0} {
		got, err := store.MessagesIn(t.Context(), hour.Add(-time.Duration(back)*time.Hour))
		if err != nil || got != want {
			t.Errorf("%d hours back are %d messages, %v; want %d", back, got, err, want)
		}
	}
	busy, err := store.BusiestChannels(t.Context(), hour.Add(-time.Hour), 5)
	if err != nil || len(busy) != 1 || busy[0].Messages != 7 {
		t.Errorf("the busiest channels are %+v, %v; want one with 7 messages", busy, err)
	}
}
