package feed

import (
	"context"
	"errors"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// A subscriber that resumes after a signal's seq must miss nothing and see nothing twice.
func TestSignalsComeAfterWhatTheFeedGave(t *testing.T) {
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	var h Hub
	topic := h.join(cid)
	behind, ahead := &feed{topic: topic, seq: 3}, &feed{topic: topic, seq: 7}
	h.Advance(cid, 5)
	h.Signal("", chat.Event{Type: chat.TypingStart, CID: cid})
	for _, f := range []*feed{behind, ahead} {
		if list := f.signals(); len(list) != 1 || list[0].Seq != f.seq {
			t.Errorf("a feed that gave %d gave the signals %+v", f.seq, list)
		}
		if list := f.signals(); len(list) != 0 {
			t.Errorf("a signal came twice: %+v", list)
		}
	}
}

// A new message reaches the feeds directly before it without reading the database. All
// other feeds read it, and so do all feeds after a message was changed.
func TestPostedMessagesSpareTheReading(t *testing.T) {
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	var h Hub
	topic := h.join(cid)
	read := errors.New("the database was read")
	src := Log{Read: func(context.Context, sqlstore.Span) ([]chat.Event, error) { return nil, read }}
	h.Advance(cid, 4)
	for seq := int64(5); seq <= 2*maxRecent; seq++ {
		h.Posted(&chat.Message{CID: cid, Seq: seq})
		list, err := topic.events(t.Context(), src, seq-1)
		if err != nil || len(list) != 1 || list[0].Seq != seq || list[0].Message.Seq != seq {
			t.Fatalf("after %d: %v %v", seq-1, list, err)
		}
	}
	if n := len(topic.recent.list); n > maxRecent {
		t.Errorf("%d events are kept", n)
	}
	last := topic.last
	if list, err := topic.events(t.Context(), src, last-100); err != nil || len(list) != 100 || list[0].Seq != last-99 {
		t.Errorf("a little behind: %d events, %v", len(list), err)
	}
	if _, err := topic.events(t.Context(), src, 3); !errors.Is(err, read) {
		t.Errorf("from before all that was posted: %v", err)
	}
	topic.recent.add(last, []chat.Event{{Seq: last + 1, Type: chat.MessageUpdated}})
	h.Advance(cid, last+1)
	if _, err := topic.events(t.Context(), src, last-100); !errors.Is(err, read) {
		t.Errorf("from before a message was edited: %v", err)
	}
	h.Posted(&chat.Message{CID: cid, Seq: last + 2, Mentions: []chat.User{{ID: "anna"}}})
	if _, err := topic.events(t.Context(), src, last+1); !errors.Is(err, read) {
		t.Errorf("who is mentioned is not known by name: %v", err)
	}
}
