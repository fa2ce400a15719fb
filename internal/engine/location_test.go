package engine_test

import (
	"log/slog"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
)

// A live location ends by the engine's clock, also where nobody ends it.
func TestLocationsEnd(t *testing.T) {
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2031, 1, 31, 12, 0, 0, 0, time.UTC)
	e := engine.New(engine.Options{Store: store, Logger: slog.New(slog.DiscardHandler), Clock: func() time.Time { return clock }})
	t.Cleanup(func() {
		e.Close()
		_ = store.Close()
	})
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	room := chat.CID{Type: chat.Team, ID: "room"}
	ok(e.EnsureUser(t.Context(), "ann"))
	ok(e.PutChannel(t.Context(), chat.PutChannel{Operation: chat.Operation{By: chat.Actor{ID: "ann", BackOffice: true}}, CID: room, Name: "Room"}))
	ok(e.ChangeChannel(t.Context(), chat.Actor{ID: "ann", BackOffice: true}, room, chat.ChannelChange{Data: func(c *chat.ChannelDetail) error {
		c.ConfigOverrides = map[string]any{"shared_locations": true}
		return nil
	}}))
	m := chat.MessageDetail{ID: "m1", CID: room, Location: &chat.Location{Latitude: 1, Longitude: 2, EndAt: clock.Add(time.Hour)}}
	m.Sender.ID = "ann"
	_, err = e.PostMessage(t.Context(), m, false)
	ok(err)
	live := func() int {
		t.Helper()
		list, err := e.LiveLocations(t.Context(), "ann")
		ok(err)
		return len(list)
	}
	clock = clock.Add(59 * time.Minute)
	if got := live(); got != 1 {
		t.Errorf("a minute before its end, %d are live", got)
	}
	clock = clock.Add(time.Minute)
	if got := live(); got != 0 {
		t.Errorf("at its end, %d are live", got)
	}
	if _, err := e.MoveLocation(t.Context(), "m1", "ann", func(l *chat.Location) { l.EndAt = clock.Add(time.Hour) }); chat.CodeOf(err) != chat.InvalidArguments {
		t.Errorf("moved after its end: %v", err)
	}
}
