package extra_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// The back office gets an event for each flag.
func TestFlagsAreTold(t *testing.T) {
	e := open(t, inFolder(t))
	room := chat.CID{Type: chat.Team, ID: "room"}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(e.EnsureUser(t.Context(), "ann"))
	ok(e.EnsureUser(t.Context(), "bob"))
	ok(e.PutChannel(t.Context(), chat.PutChannel{Operation: chat.Operation{By: chat.Actor{ID: "ann", BackOffice: true}}, CID: room, Name: "Room"}))
	m := chat.Message{ID: "m1", CID: room, Text: "rude"}
	m.Sender.ID = "ann"
	_, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m})
	ok(err)
	feed, err := e.SubscribeBackOffice(t.Context(), nil)
	ok(err)
	defer feed.Close()
	_, err = e.Flag(t.Context(), store.Flag{By: "bob", MessageID: "m1"})
	ok(err)
	_, err = e.Flag(t.Context(), store.Flag{By: "bob", TargetID: "ann"})
	ok(err)
	var got []string
	for len(got) < 2 {
		events, err := feed.Next(t.Context())
		ok(err)
		for _, event := range events {
			got = append(got, string(event.Type)+" "+event.User.ID+" "+event.CID.ID)
		}
	}
	if diff := cmp.Diff([]string{"message.flagged bob room", "user.flagged ann "}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
