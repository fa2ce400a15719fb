package chattest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func sendingMessages(t *testing.T, f *fixture) {
	f.put(news, "News")
	start := time.Now().Add(-time.Millisecond)
	picture := chat.Attachment{Type: chat.Image, Title: "Event", AssetURL: "https://e.com/a.jpg", ImageURL: "https://e.com/a.jpg",
		ThumbURL: "https://e.com/a-small.jpg", Width: 640, Height: 480}
	video := chat.Attachment{Type: chat.Video, TitleLink: "https://e.com/", AssetURL: "https://e.com/a.mp4"}
	text := "Grüße 👋🏽 שלום \u202e <b>&amp;'\"\\ \n\t end"
	id, err := f.SendMessage(f.ctx(), chat.SendMessage{
		Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: text, Attachments: []json.RawMessage{picture.Raw(), video.Raw()}}})
	f.ok(err)

	list := f.history(news)
	if len(list) != 1 {
		t.Fatalf("got %d messages, want 1", len(list))
	}
	m := list[0]
	if m.Seq != 1 && f.has(DenseSeq) || m.Seq < 1 {
		t.Errorf("the first message has the number %d", m.Seq)
	}
	got := []any{m.ID, m.CID, m.Sender.ID, m.Sender.Name, m.Sender.Role, m.Text, m.ShownAttachments(), len(m.Mentions), m.DeletedAt.IsZero()}
	want := []any{id, news, "clerk", "Clara Clerk", chat.RoleUser, text, []chat.Attachment{picture, video}, 0, true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a message (-want +got):\n%s", diff)
	}
	if m.CreatedAt.Before(start) || m.CreatedAt.After(time.Now()) {
		t.Errorf("sent at %v, which is not now", m.CreatedAt)
	}
	if c := f.channel(news); c.MessageCount != 1 || !c.LastMessageAt.Equal(m.CreatedAt) {
		t.Errorf("the channel counts %d messages, the last at %v", c.MessageCount, c.LastMessageAt)
	}

	_, err = f.SendMessage(f.ctx(), chat.SendMessage{
		Operation: by(chat.Actor{ID: "other", BackOffice: true}),
		Message:   chat.Message{Sender: alice.User(), CID: chat.CID{Type: chat.Team, ID: news.ID}, Text: "hello"}})
	f.fails(err, chat.NotFound)
	if users, err := f.Users(f.ctx(), chat.UserQuery{Limit: 10}); err != nil || len(users.Items) != 1 {
		t.Errorf("after a refused message there are %d users (%v), want the clerk alone", len(users.Items), err)
	}
}

func sendingAtOnce(t *testing.T, f *fixture) {
	rooms := []chat.CID{f.create("A", "a"), f.create("B", "b"), f.create("C", "c")}
	const writers, each = 12, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			who := chat.Actor{ID: fmt.Sprintf("writer-%d", w%5), BackOffice: true}
			for i := range each {
				text := fmt.Sprintf("%d/%d", w, i)
				_, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(who), Message: chat.Message{Sender: who.User(), CID: rooms[w%3], Text: text}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, room := range rooms {
		list := f.history(room)
		for i, m := range list {
			if dense := m.Seq == int64(i+1); !dense && f.has(DenseSeq) || i > 0 && m.Seq <= list[i-1].Seq {
				t.Fatalf("message %d of %s has the number %d", i+1, room, m.Seq)
			}
		}
		all := texts(list)
		slices.Sort(all)
		if len(slices.Compact(all)) != writers/3*each {
			t.Errorf("%s has %d messages, want each of %d once", room, len(list), writers/3*each)
		}
	}
}

func pagingMessages(t *testing.T, f *fixture) {
	f.put(news, "News")
	for i := range 10 {
		f.send(clerk, news, fmt.Sprint(i+1))
	}
	var seqs []int64 // starting with the first message at 1
	for _, m := range f.history(news) {
		seqs = append(seqs, m.Seq)
	}
	seqs = append([]int64{0}, seqs...)
	for _, q := range []struct {
		asks             string
		query            chat.MessageQuery // by index in the list of messages
		want             []string
		hasNext, hasPrev bool
	}{
		{"the first three", chat.MessageQuery{Limit: 3}, []string{"1", "2", "3"}, true, false},
		{"three after the third", chat.MessageQuery{Limit: 3, After: 3}, []string{"4", "5", "6"}, true, true},
		{"the rest after the eighth", chat.MessageQuery{Limit: 3, After: 8}, []string{"9", "10"}, false, true},
		{"nothing after the tenth", chat.MessageQuery{Limit: 3, After: 10}, nil, false, true},
		{"the last three", chat.MessageQuery{Limit: 3, FromEnd: true}, []string{"8", "9", "10"}, false, true},
		{"three before the eighth", chat.MessageQuery{Limit: 3, FromEnd: true, Before: 8}, []string{"5", "6", "7"}, true, true},
		{"what is before the third", chat.MessageQuery{Limit: 3, FromEnd: true, Before: 3}, []string{"1", "2"}, true, false},
		{"exactly all", chat.MessageQuery{Limit: 10}, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, false, false},
	} {
		q.query.CID, q.query.After, q.query.Before = news, seqs[q.query.After], seqs[q.query.Before]
		page, err := f.Messages(f.ctx(), q.query)
		f.ok(err)
		if diff := cmp.Diff(q.want, texts(page.Items)); diff != "" || page.HasNext != q.hasNext || page.HasPrevious != q.hasPrev {
			t.Errorf("%s: next %v, previous %v, items (-want +got):\n%s", q.asks, page.HasNext, page.HasPrevious, diff)
		}
	}
	_, err := f.Messages(f.ctx(), chat.MessageQuery{CID: chat.CID{Type: chat.Team, ID: "nowhere"}, Limit: 1})
	f.fails(err, chat.NotFound)
}

func mentioningUsers(t *testing.T, f *fixture) {
	f.put(news, "News")
	f.upsert(chat.UserChange{ID: "alice", Name: "Alice"}, chat.UserChange{ID: "bob", Name: "Bob"})
	send := func(mentions ...string) error {
		_, err := f.SendMessage(f.ctx(), chat.SendMessage{
			Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "hello", Mentions: chat.Users(mentions)}})
		return err
	}
	f.ok(send("bob", "alice"))
	var mentioned []string
	for _, u := range f.history(news)[0].Mentions {
		mentioned = append(mentioned, u.ID+" "+u.Name)
	}
	if diff := cmp.Diff([]string{"bob Bob", "alice Alice"}, mentioned); diff != "" {
		t.Errorf("mentioned (-want +got):\n%s", diff)
	}
	e := f.fails(send("alice", "carol", "no\x00body", "Alice"), chat.InvalidArguments)
	if want := "No such chat users: Alice, carol, no\x00body."; e.Message != want || e.Field != "mentions" {
		t.Errorf("got %q at %s, want %q", e.Message, e.Field, want)
	}
	if n := len(f.history(news)); n != 1 {
		t.Errorf("a refused message was sent: there are %d", n)
	}
}

// A plain user can't find out through mentions who is in the chat.
func mentioningStrangers(t *testing.T, f *fixture) {
	f.put(news, "News")
	f.people(news)
	f.upsert(chat.UserChange{ID: "stranger", Name: "Stranger"}, chat.UserChange{ID: "friend", Name: "Friend"})
	f.join(news, "friend")
	asked := []string{"friend", "stranger", "nobody", "no\x00body"}
	mentioned := func(who chat.Actor) []string {
		id, err := f.SendMessage(f.ctx(), chat.SendMessage{
			Operation: by(who), Message: chat.Message{Sender: who.User(), CID: news, Text: "hello", Mentions: chat.Users(asked)}})
		f.ok(err)
		list := f.history(news)
		f.ok(f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(who), CID: news, ID: id, Text: "again", Mentions: &asked}))
		again := f.history(news)
		if diff := cmp.Diff(mentionIDs(list[len(list)-1]), mentionIDs(again[len(again)-1])); diff != "" {
			t.Errorf("edited (-sent +edited):\n%s", diff)
		}
		return mentionIDs(list[len(list)-1])
	}
	if diff := cmp.Diff([]string{"friend"}, mentioned(chat.Actor{ID: "member"})); diff != "" {
		t.Errorf("a member mentions (-want +got):\n%s", diff)
	}
	_, err := f.SendMessage(f.ctx(), chat.SendMessage{
		Operation: by(chat.Actor{ID: "moderator"}), Message: chat.Message{Sender: chat.User{ID: "moderator"}, CID: news, Text: "hello", Mentions: chat.Users(asked)}})
	f.fails(err, chat.InvalidArguments)
}

func deletingMessages(t *testing.T, f *fixture) {
	f.put(news, "News")
	f.put(chat.CID{Type: chat.Team, ID: "other"}, "Other")
	f.upsert(chat.UserChange{ID: "alice", Name: "Alice"}, chat.UserChange{ID: "bob", Name: "Bob"})
	del := func(who chat.Actor, cid chat.CID, id string) error {
		return f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(who), CID: cid, ID: id})
	}
	own, others, kept := f.send(alice, news, "mine"), f.send(clerk, news, "the clerk's"), f.send(clerk, news, "kept")
	before := f.history(news)[2].Seq
	f.ok(del(alice, news, own))
	f.fails(del(alice, news, others), chat.Unauthorized)
	f.fails(del(bob, news, others), chat.Unauthorized)
	f.ok(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: "bob", Role: chat.RoleModerator}))
	f.ok(del(bob, news, others))
	f.ok(del(clerk, news, others))
	f.fails(del(clerk, chat.CID{Type: chat.Team, ID: "other"}, kept), chat.NotFound)
	f.fails(del(clerk, news, "nothing"), chat.NotFound)

	list := f.history(news)
	if diff := cmp.Diff([]string{"", "", "kept"}, texts(list)); diff != "" {
		t.Fatalf("what is left (-want +got):\n%s", diff)
	}
	if list[0].DeletedAt.IsZero() || list[1].Sender.ID != "clerk" || !list[2].DeletedAt.IsZero() || list[2].Seq != before {
		t.Errorf("a deleted message keeps number and sender, and says when: %+v", list)
	}
}
