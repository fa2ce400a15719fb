package engine_test

import (
	"log/slog"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// One server of several whose clock is far ahead doesn't empty the bin of all.
func TestServerThatIsAheadErasesNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t)
	node := func(ahead time.Duration) *engine.Engine {
		store, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url, Clock: func() time.Time { return time.Now().Add(ahead) }})
		if err != nil {
			t.Fatal(err)
		}
		e := engine.New(engine.Options{Store: store, AvatarBaseURL: "https://media.example", Logger: slog.New(slog.DiscardHandler), Idle: true})
		t.Cleanup(func() { e.Close(); _ = store.Close() })
		return e
	}
	right, ahead := node(0), node(40*24*time.Hour)
	cids := withChannels(t, right, 1)
	if err := right.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: bo("deleteChannels"), CIDs: cids}); err != nil {
		t.Fatal(err)
	}
	if err := ahead.SweepBin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bin, err := right.Bin(t.Context(), chat.BinQuery{Limit: 9}); err != nil || len(bin.Items) != 1 {
		t.Errorf("the bin has %d channels, want 1 (%v)", len(bin.Items), err)
	}
}
