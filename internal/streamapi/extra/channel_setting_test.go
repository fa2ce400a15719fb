package extra_test

import (
	"testing"

	"backchannel/internal/chat"
)

// Changes of a channel through Stream's API show in its events.
func TestTruncationIsAnEvent(t *testing.T) {
	e := open(t, inFolder(t))
	ctx, desk, cid := t.Context(), chat.Actor{ID: "bo", BackOffice: true}, chat.CID{Type: chat.Team, ID: "a"}
	if err := e.PutChannel(ctx, chat.PutChannel{Operation: chat.Operation{By: desk}, CID: cid, Name: "A"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.SendMessage(ctx, chat.SendMessage{Operation: chat.Operation{By: desk}, Message: chat.Message{CID: cid, Sender: desk.User(), Text: "secret"}}); err != nil {
		t.Fatal(err)
	}
	if err := e.TruncateChannel(ctx, desk, cid, chat.Truncation{Hard: true}); err != nil {
		t.Fatal(err)
	}
	start := int64(0)
	feed, err := e.Subscribe(ctx, chat.Subscribe{By: desk, CID: cid, After: &start})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	var got []chat.EventType
	for len(got) < 2 {
		events, err := feed.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			got = append(got, event.Type)
			if event.Message != nil && event.Message.Text != "" {
				t.Errorf("%s still says %q", event.Type, event.Message.Text)
			}
		}
	}
	if got[0] != chat.MessageNew || got[1] != chat.ChannelTruncated {
		t.Errorf("the events are %v", got)
	}
	page, err := e.Messages(ctx, chat.MessageQuery{CID: cid, Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].Text != "" || page.Items[0].DeletedAt.IsZero() {
		t.Errorf("the messages are %v, %v", page, err)
	}
}
