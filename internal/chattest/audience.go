package chattest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// RunAudiences tests that messages for few are shown to nobody else. A provider sends
// none itself, so open also returns what puts one into the chat behind it. Otherwise
// it is as for [Run].
func RunAudiences(t *testing.T, open func(t *testing.T) (p chat.Provider, post func(chat.MessageDetail) error)) {
	t.Helper()
	p, post := open(t)
	f := &fixture{Provider: p, t: t}
	f.people(news)
	f.upsert(chat.UserChange{ID: "alice", Name: "Alice"}, chat.UserChange{ID: "Alice", Name: "Another"},
		chat.UserChange{ID: "alic", Name: "Within"}, chat.UserChange{ID: "bob", Name: "Bob"}, chat.UserChange{ID: "b_b", Name: "Alike"})
	for _, m := range []struct {
		text     string
		audience chat.Audience
	}{{"to all", nil}, {"to bob", chat.Audience{"bob"}}, {"to bob and user", chat.Audience{"bob", "user"}}, {"to all again", nil}} {
		detail := chat.MessageDetail{ID: m.text, CID: news, Text: m.text, Audience: m.audience}
		detail.Sender.ID = "alice"
		f.ok(post(detail))
	}
	everything := []string{"to all", "to bob", "to bob and user", "to all again"}
	for _, row := range []struct {
		who  chat.Actor
		want []string
	}{
		{alice, everything},
		{bob, everything},
		{clerk, everything},
		{chat.Actor{ID: "user"}, []string{"to all", "to bob and user", "to all again"}},
		{chat.Actor{ID: "member"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "moderator"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "admin"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "Alice"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "alic"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "b_b"}, []string{"to all", "to all again"}},
		{chat.Actor{ID: "bob,user"}, []string{"to all", "to all again"}},
		{chat.Actor{}, []string{"to all", "to all again"}},
	} {
		t.Run("read by "+row.who.ID, func(t *testing.T) {
			f := &fixture{Provider: p, t: t}
			f.sees(row.who, row.want)
			for _, text := range everything {
				m, err := f.Message(f.ctx(), row.who, news, text)
				if slices.Contains(row.want, text) {
					f.ok(err)
				} else if f.fails(err, chat.NotFound); m.Text != "" || m.Sender.ID != "" {
					t.Errorf("%q can't be read, and yet comes: %+v", text, m)
				}
			}
		})
	}
	f.readingFew()
	f.touching()
}

// readingFew reads up to a message for bob, as bob.
func (f *fixture) readingFew() {
	f.t.Helper()
	f.join(news, "bob")
	m, err := f.Message(f.ctx(), bob, news, "to bob")
	f.ok(err)
	f.ok(f.MarkRead(f.ctx(), chat.MarkRead{Operation: by(bob), CID: news, Seq: m.Seq}))
	for _, one := range f.members(news) {
		if one.User.ID == "bob" && one.ReadSeq < m.Seq {
			f.t.Errorf("bob has read up to %d, not the message %d", one.ReadSeq, m.Seq)
		}
	}
}

// sees reads a channel by pages of different lengths, in both directions.
func (f *fixture) sees(who chat.Actor, want []string) {
	f.t.Helper()
	for limit := 1; limit <= 5; limit++ {
		var forward, backward []string
		for q := (chat.MessageQuery{CID: news, By: who, Limit: limit}); ; {
			page, err := f.Messages(f.ctx(), q)
			f.ok(err)
			forward = append(forward, texts(page.Items)...)
			if !page.HasNext {
				break
			}
			q.After = page.Items[len(page.Items)-1].Seq
		}
		for q := (chat.MessageQuery{CID: news, By: who, Limit: limit, FromEnd: true}); ; {
			page, err := f.Messages(f.ctx(), q)
			f.ok(err)
			backward = append(texts(page.Items), backward...)
			if !page.HasPrevious {
				break
			}
			q.Before = page.Items[0].Seq
		}
		for _, got := range [][]string{forward, backward} {
			if diff := cmp.Diff(want, got); diff != "" {
				f.t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
			}
		}
	}
}

// touching tries to change a message for bob: to who can't see it, it isn't there.
func (f *fixture) touching() {
	f.t.Helper()
	const id = "to bob"
	react := func(who chat.Actor) error {
		return f.React(f.ctx(), chat.React{Operation: by(who), CID: news, MessageID: id, Type: "like"})
	}
	for _, who := range []chat.Actor{{ID: "member"}, {ID: "moderator"}, {ID: "admin"}} {
		f.fails(react(who), chat.NotFound)
	}
	for _, who := range []chat.Actor{{ID: "moderator"}, {ID: "admin"}} {
		f.fails(f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(who), CID: news, ID: id, Text: "x"}), chat.NotFound)
		f.fails(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(who), CID: news, ID: id}), chat.NotFound)
		f.fails(f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(who), CID: news, ID: id, Pinned: true}), chat.NotFound)
	}
	edit := func(who chat.Actor, id string) error {
		return f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(who), CID: news, ID: id, Text: "x"})
	}
	f.fails(edit(chat.Actor{ID: "member"}, id), chat.Unauthorized) // as for a message that nobody sent:
	f.fails(edit(chat.Actor{ID: "member"}, "nothing"), chat.Unauthorized)
	f.fails(f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(clerk), CID: news, ID: id, Pinned: true}), chat.InvalidArguments)
	f.ok(react(bob))
	f.ok(edit(alice, id))
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(alice), CID: news, ID: id}))
	_, err := f.Message(f.ctx(), bob, news, id)
	f.ok(err)
	_, err = f.Message(f.ctx(), chat.Actor{ID: "member"}, news, id)
	f.fails(err, chat.NotFound)
	f.sees(chat.Actor{ID: "member"}, []string{"to all", "to all again"})
}
