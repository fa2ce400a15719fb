package engine_test

import (
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// A database in memory allows no reader during a write, so a write reads settings that
// aren't cached through its own transaction.
func TestSettingsAreReadWithinAWrite(t *testing.T) {
	e := open(t, sqlstore.Options{Memory: true})
	clerk := chat.Actor{ID: "clerk", BackOffice: true}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	begun := time.Now()
	if err := e.PutChannel(t.Context(), chat.PutChannel{Operation: chat.Operation{By: clerk}, CID: cid, Name: "Deals"}); err != nil {
		t.Fatal(err)
	}
	err := e.ChangeChannel(t.Context(), chat.ChannelChange{Operation: chat.Operation{By: clerk}, CID: cid, Data: func(c *chat.Channel) error {
		c.Name = "Renamed"
		return nil
	}})
	if took := time.Since(begun); err != nil || took > 5*time.Second { // SQLite's wait for a lock
		t.Errorf("a channel was changed in %v: %v", took, err)
	}
}
