package stream_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// sayAlike posts messages of the same moment as another service.
func (h *hosted) sayAlike(n int, prefix string) {
	h.Helper()
	frozen := time.Now()
	h.clock.Store(&frozen)
	defer h.clock.Store(nil)
	for i := range n {
		_, err := h.far.SendMessage(h.Context(), chat.SendMessage{
			Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: fmt.Sprint(prefix, i)}})
		if err != nil {
			h.Fatal(err)
		}
	}
}

// Messages of the same moment each have a seq and a cursor of their own, and pages of any
// size have each of them once.
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
	for _, limit := range []int{1, 100, 299, 359} {
		steps := 360/limit + 2
		if limit == 1 {
			steps = 4 // at the beginning and the end is enough of so many pages
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
			steps = 4
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
	for _, i := range []int{0, 5, 354, 359} {
		m, err := h.Message(h.ctx(), chat.Actor{}, news, whole.Items[i].ID)
		if err != nil || m.Seq != whole.Items[i].Seq {
			t.Errorf("the message %d by itself has the seq %d, %v; want %d", i, m.Seq, err, whole.Items[i].Seq)
		}
	}
}

// Ids that can't be in a path belong to nobody.
func TestOddMessageIDs(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	for _, id := range []string{".", "..", "a/b", "a b", "a+b", "a%2Fb", "?x=1", "../../users", "ä"} {
		if _, err := h.Message(h.ctx(), chat.Actor{}, news, id); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%q: %v, want NOT_FOUND", id, err)
		}
	}
}

// Fields that an edit doesn't give stay as they were at Stream.
func TestEdits(t *testing.T) {
	chattest.RunEdits(t, func(t *testing.T) (chat.Provider, chattest.Back) {
		h := open(t, stream.Options{})
		return h.Provider, h.back()
	})
}

func (h *hosted) back() chattest.Back {
	return chattest.Back{
		Post: func(m chat.Message) error {
			_, err := h.far.SendMessage(h.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m})
			return err
		},
		Read: func(id string) (chat.Message, error) { return extra.New(h.far).MessageByID(h.Context(), id, "") },
	}
}

// What Stream answers as an error, or for the sender only, wasn't posted, and the key keeps
// that outcome.
func TestStreamRefusesWithSuccess(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	for _, row := range []struct{ kind, text, want string }{
		{"error", "This channel is frozen", "Stream didn't post the message: This channel is frozen"},
		{"ephemeral", "Only you see this", "Stream didn't post the message: Only you see this"},
		{"error", "", "Stream didn't post the message: it doesn't say why."},
	} {
		answer := fmt.Sprintf(`{"message":{"id":"x","cid":"livestream:news","type":%q,"text":%q},"duration":"1ms"}`, row.kind, row.text)
		h.net.breakNext(1, http.MethodPost, "/message", refuses(http.StatusCreated, answer))
		op := by(clerk)
		op.Key, op.Digest = row.kind+row.text, "d"
		for range 2 {
			_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: op, Message: chat.Message{Sender: clerk.User(), CID: news, Text: "hello"}})
			if e := asError(t, err); e.Code != chat.InvalidArguments || e.Message != row.want {
				t.Errorf("%s: %v", row.kind, e)
			}
		}
	}
	if page, err := h.Messages(h.ctx(), chat.MessageQuery{CID: news, Limit: 10}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d messages were posted, %v", len(page.Items), err)
	}
	id, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "hello"}})
	if err != nil {
		t.Fatal(err)
	}
	h.net.breakNext(1, http.MethodPut, "/"+id, refuses(http.StatusOK, `{"message":{"id":"x","type":"error","text":"No links"},"duration":"1ms"}`))
	err = h.EditMessage(h.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "https://e.com"})
	if e := asError(t, err); e.Code != chat.InvalidArguments || e.Message != "Stream didn't post the message: No links" {
		t.Errorf("an edit: %v", e)
	}
}

// A text that Stream would run isn't sent; one that only looks like it is.
func TestCommands(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	for text, sent := range map[string]bool{
		"/giphy cats": false, "/giphy": false, " /GIPHY cats": false, "/giphy\ncats": false,
		"/24 is our subnet": true, "/giphycats": true, "about /giphy": true, "/": true, "//giphy": true,
	} {
		_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: text}})
		if sent && err != nil || !sent && (chat.CodeOf(err) != chat.InvalidArguments || asError(t, err).Field != "text") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Replies in threads are among a channel's messages, by their time, in pages of any
// size in both directions; and the channel counts as many as can be paged.
func TestReplies(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.put(news, "News")
	frozen := time.Now().Add(-time.Hour)
	defer h.clock.Store(nil)
	var want []string
	for i := range 250 {
		frozen = frozen.Add(time.Duration(i%3) * 7 * time.Millisecond) // some share a slot
		at := frozen
		h.clock.Store(&at)
		m := chat.Message{ID: fmt.Sprintf("m%03d", i), CID: news, Text: "x"}
		m.Sender.ID = "anna"
		if i > 10 && i%4 != 0 {
			m.Parent = fmt.Sprintf("m%03d", i%10)
			m.ShowInChannel = i%8 == 1
		}
		if _, err := h.far.SendMessage(h.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: m}); err != nil {
			t.Fatal(err)
		}
		want = append(want, m.ID)
	}
	ids := func(list []chat.Message) (ids []string) {
		for _, m := range list {
			ids = append(ids, m.ID)
		}
		return ids
	}
	seqs := map[string]int64{}
	for _, limit := range []int{23, 100, 249} {
		var forward, backward []chat.Message
		for q := (chat.MessageQuery{CID: news, Limit: limit}); ; {
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
		for q := (chat.MessageQuery{CID: news, Limit: limit, FromEnd: true}); ; {
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
		for _, list := range [][]chat.Message{forward, backward} {
			if !slices.Equal(ids(list), want) {
				t.Fatalf("pages of %d: got %d messages, want the %d that were sent, in order: %v", limit, len(list), len(want), ids(list))
			}
			for _, m := range list {
				if seqs[m.ID] == 0 {
					seqs[m.ID] = m.Seq
				}
				if seqs[m.ID] != m.Seq {
					t.Fatalf("the seq of %s is %d and %d", m.ID, m.Seq, seqs[m.ID])
				}
			}
		}
	}
	c, err := h.Channel(h.ctx(), news)
	if err != nil || c.MessageCount != 250 {
		t.Errorf("the channel counts %d messages (%v), and 250 can be paged", c.MessageCount, err)
	}
	for _, id := range []string{"m009", "m011", "m013", "m249"} {
		if m, err := h.Message(h.ctx(), clerk, news, id); err != nil || m.Seq != seqs[id] {
			t.Errorf("%s by itself has the seq %d, %v; want %d", id, m.Seq, err, seqs[id])
		}
	}
}

// A channel is opened with two calls, whatever asks for it and its messages.
func TestOpeningAChannel(t *testing.T) {
	h := open(t, stream.Options{ListStaleness: time.Minute})
	h.put(news, "News")
	for i := range 70 {
		if _, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: itoa(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	before := len(h.net.calls())
	if _, err := h.Channel(h.ctx(), news); err != nil {
		t.Fatal(err)
	}
	if calls := slices.Sorted(slices.Values(h.net.calls()[before:])); !slices.Equal(calls, []string{"GET /api/v2/chat/search", "POST /api/v2/chat/channels"}) {
		t.Errorf("the channel alone took %v", calls)
	}
	page, err := h.Messages(h.ctx(), chat.MessageQuery{CID: news, By: clerk, Limit: 50, FromEnd: true})
	if err != nil || len(page.Items) != 50 || !page.HasPrevious || page.Items[49].Text != "69" {
		t.Fatalf("%d messages, %v", len(page.Items), err)
	}
	if calls := h.net.calls()[before:]; len(calls) != 2 {
		t.Errorf("opening it took %v", calls)
	}
	before = len(h.net.calls())
	if _, err := h.Messages(h.ctx(), chat.MessageQuery{CID: news, By: clerk, Limit: 50, FromEnd: true, Before: page.Items[0].Seq}); err != nil {
		t.Fatal(err)
	}
	if calls := h.net.calls()[before:]; len(calls) != 2 {
		t.Errorf("the page before took %v", calls)
	}
	// A slow answer serves both questions, too.
	const slow = 1100 * time.Millisecond // more than an opening is kept
	for _, path := range []string{"/channels", "/search"} {
		h.net.breakNext(1, "", path, func(n *network, w http.ResponseWriter, r *http.Request) {
			time.Sleep(slow)
			n.pass(w, r)
		})
		time.Sleep(slow)
		before = len(h.net.calls())
		_, err = h.Channel(h.ctx(), news)
		_, failed := h.Messages(h.ctx(), chat.MessageQuery{CID: news, By: clerk, Limit: 50, FromEnd: true})
		if calls := h.net.calls()[before:]; err != nil || failed != nil || len(calls) != 2 {
			t.Errorf("opening it with a slow %s took %v: %v, %v", path, calls, err, failed)
		}
	}
	// A message of our own is seen at once.
	if _, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "new"}}); err != nil {
		t.Fatal(err)
	}
	page, err = h.Messages(h.ctx(), chat.MessageQuery{CID: news, By: clerk, Limit: 1, FromEnd: true})
	if err != nil || page.Items[0].Text != "new" {
		t.Errorf("our own message is missing: %v, %v", page.Items, err)
	}
	// What Stream answers to a change of a message isn't asked for again, until we write something else.
	id := page.Items[0].ID
	for _, row := range []struct {
		text  string
		asked int
		write func() error
	}{
		{"edited", 0, func() error { return nil }},
		{"edited again", 1, func() error {
			there{h, t}.ok(h.far.EditMessage(t.Context(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "edited again"}))
			return h.FreezeChannel(h.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: news, Frozen: true})
		}},
	} {
		there{h, t}.ok(h.EditMessage(h.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "edited"}))
		there{h, t}.ok(row.write())
		already := h.net.count(http.MethodGet, "/messages/"+id)
		m, err := h.Message(h.ctx(), clerk, news, id)
		if asked := h.net.count(http.MethodGet, "/messages/"+id) - already; err != nil || m.Text != row.text || asked != row.asked {
			t.Errorf("the message says %q (%v) after %d calls, want %q after %d", m.Text, err, asked, row.text, row.asked)
		}
	}
}

// What Stream doesn't take is refused before it is asked, with the field's name.
func TestAttachmentsTooLargeForStream(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	var many []json.RawMessage
	for i := range 4 {
		address := fmt.Sprintf("https://e.com/%d/%s.png", i, strings.Repeat("a", 1_500))
		many = append(many, chat.Attachment{Type: chat.Image, AssetURL: address}.Raw())
	}
	send := func(list []json.RawMessage) (string, error) {
		return h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "x", Attachments: list}})
	}
	before := len(h.net.calls())
	if _, err := send(many); asError(t, err).Code != chat.InvalidArguments || asError(t, err).Field != "attachments" {
		t.Errorf("6 KB of attachments: %v", err)
	}
	if calls := h.net.calls()[before:]; len(calls) != 0 {
		t.Errorf("Stream was asked: %v", calls)
	}
	if _, err := send(many[:3]); err != nil {
		t.Errorf("4.5 KB of attachments: %v", err)
	}
	_, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: strings.Repeat("x", 6_000)}})
	if e := asError(t, err); e.Code != chat.InvalidArguments || e.Field != "text" {
		t.Errorf("6,000 characters: %v", e)
	}
}
