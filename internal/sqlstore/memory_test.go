package sqlstore_test

import (
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

func TestStateInMemory(t *testing.T) {
	open := func() *sqlstore.Store {
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	one, other := open(), open()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			c := chat.Channel{CID: chat.CID{Type: chat.Team, ID: string(rune('A' + i))}, CreatedAt: time.Now()}
			if err := one.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.InsertChannel(c) }); err != nil {
				t.Error(err)
			}
			if _, err := one.AllChannels(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if list, err := one.AllChannels(t.Context()); err != nil || len(list) != 50 {
		t.Errorf("%d channels, %v; want 50", len(list), err)
	}
	if list, err := other.AllChannels(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%d channels in another store, %v; want none", len(list), err)
	}
}
