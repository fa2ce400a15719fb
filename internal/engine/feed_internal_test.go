package engine

import (
	"testing"

	"backchannel/internal/chat"
)

// Who resumes after a signal's seq must miss nothing and see nothing twice.
func TestSignalsComeAfterWhatTheFeedGave(t *testing.T) {
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	var h hub
	topic := h.join(cid)
	behind, ahead := &feed{topic: topic, seq: 3}, &feed{topic: topic, seq: 7}
	h.advance(cid, 5)
	h.signal(chat.Event{Type: chat.TypingStart, CID: cid})
	for _, f := range []*feed{behind, ahead} {
		if list := f.signals(); len(list) != 1 || list[0].Seq != f.seq {
			t.Errorf("a feed that gave %d gave the signals %+v", f.seq, list)
		}
		if list := f.signals(); len(list) != 0 {
			t.Errorf("a signal came twice: %+v", list)
		}
	}
}
