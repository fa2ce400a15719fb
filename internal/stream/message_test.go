package stream_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// sayAlike has somebody else post messages of one and the same moment.
func (h *house) sayAlike(n int, prefix string) {
	h.Helper()
	frozen := time.Now()
	h.clock.Store(&frozen)
	defer h.clock.Store(nil)
	for i := range n {
		_, err := h.far.SendMessage(h.Context(), chat.SendMessage{
			Operation: by(clerk), Sender: clerk, CID: news, Text: fmt.Sprint(prefix, i)})
		if err != nil {
			h.Fatal(err)
		}
	}
}

// Messages of one moment have each a seq and a cursor of their own, and pages of
// any size hold each of them once.
func TestPagesOfMessagesOfOneMoment(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.put(news, "News")
	h.sayAlike(5, "a")
	h.sayAlike(350, "b") // more than Stream gives in a page
	h.sayAlike(5, "c")
	whole, err := h.Messages(h.ctx(), chat.MessageQuery{CID: news, Limit: 1_000})
	if err != nil || len(whole.Items) != 360 || whole.HasNext {
		t.Fatalf("%d messages, %v", len(whole.Items), err)
	}
	for _, limit := range []int{1, 29, 100, 299, 359} {
		steps := 360/limit + 2
		if limit == 1 {
			steps = 12 // at the beginning and the end is enough of so many pages
		}
		var forward, backward []chat.Message
		for q := (chat.MessageQuery{CID: news, Limit: limit}); steps > 0; steps-- {
			page, err := h.Messages(h.ctx(), q)
			if err != nil {
				t.Fatal(err)
			}
			forward = append(forward, page.Items...)
			if !page.HasNext {
				break
			}
			q.After = page.Items[len(page.Items)-1].Seq
		}
		steps = 360/limit + 2
		if limit == 1 {
			steps = 12
		}
		for q := (chat.MessageQuery{CID: news, Limit: limit, FromEnd: true}); steps > 0; steps-- {
			page, err := h.Messages(h.ctx(), q)
			if err != nil {
				t.Fatal(err)
			}
			backward = slices.Concat(page.Items, backward)
			if !page.HasPrevious {
				break
			}
			q.Before = page.Items[0].Seq
		}
		same := func(a, b chat.Message) bool { return a.ID == b.ID && a.Seq == b.Seq }
		if !slices.EqualFunc(forward, whole.Items[:len(forward)], same) || limit > 1 && len(forward) != 360 {
			t.Errorf("pages of %d, forward: got %d messages, not those of the whole", limit, len(forward))
		}
		if !slices.EqualFunc(backward, whole.Items[360-len(backward):], same) || limit > 1 && len(backward) != 360 {
			t.Errorf("pages of %d, backward: got %d messages, not those of the whole", limit, len(backward))
		}
	}
	for _, i := range []int{0, 4, 5, 200, 354, 355, 359} {
		m, err := h.Message(h.ctx(), chat.Actor{}, news, whole.Items[i].ID)
		if err != nil || m.Seq != whole.Items[i].Seq {
			t.Errorf("the message %d by itself has the seq %d, %v; want %d", i, m.Seq, err, whole.Items[i].Seq)
		}
	}
}

// Ids that can't stand in a path are nobody's.
func TestOddMessageIDs(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	for _, id := range []string{".", "..", "a/b", "a b", "a+b", "a%2Fb", "?x=1", "../../users", "ä"} {
		if _, err := h.Message(h.ctx(), chat.Actor{}, news, id); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%q: %v, want NOT_FOUND", id, err)
		}
	}
}
