package chat_test

import (
	"strings"
	"testing"

	"backchannel/internal/chat"
)

func TestCursors(t *testing.T) {
	c := chat.Channel{CID: chat.CID{Type: chat.Team, ID: "deals"}, Name: "Große Deals 👋"}
	if place, err := chat.ParseChannelCursor(c.Cursor()); err != nil || place != (chat.Position{NameKey: "grosse deals 👋", ID: "team:deals"}) {
		t.Errorf("a channel's cursor reads as %+v, %v", place, err)
	}
	u := chat.User{ID: "anna"}
	if place, err := chat.ParseUserCursor(u.Cursor()); err != nil || place != (chat.Position{ID: "anna"}) {
		t.Errorf("a user's cursor reads as %+v, %v", place, err)
	}
	m := chat.Message{Seq: 42}
	if seq, err := chat.ParseMessageCursor(m.Cursor()); err != nil || seq != 42 {
		t.Errorf("a message's cursor reads as %d, %v", seq, err)
	}
	for _, cursor := range []string{"", "x", "42", u.Cursor(), m.Cursor(), c.Cursor() + "=", c.Cursor() + "A", strings.Repeat("A", 100_000)} {
		if place, err := chat.ParseChannelCursor(cursor); err == nil || err.Code != chat.InvalidArguments {
			t.Errorf("%.30q was taken for a channel's cursor: %+v, %v", cursor, place, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(chat.Channel{Name: "News", CID: chat.CID{Type: chat.Team, ID: "a"}}.Cursor())
	f.Add(chat.Message{Seq: 7}.Cursor())
	f.Add(chat.User{ID: "a", Name: "A"}.Cursor())
	f.Add(chat.Member{User: chat.User{ID: "a"}}.Cursor())
	f.Add("////")
	f.Fuzz(func(t *testing.T, s string) {
		if seq, err := chat.ParseMessageCursor(s); err == nil && (chat.Message{Seq: seq}).Cursor() != s {
			t.Errorf("%q reads as the message %d", s, seq)
		}
		if id, err := chat.ParseMemberCursor(s); err == nil && (chat.Member{User: chat.User{ID: id}}).Cursor() != s {
			t.Errorf("%q reads as the member %s", s, id)
		}
		for _, parse := range []func(string) (chat.Position, *chat.Error){chat.ParseChannelCursor, chat.ParseUserCursor} {
			if place, err := parse(s); err == nil && (place.ID == "" || strings.ContainsRune(place.NameKey+place.ID, 0)) {
				t.Errorf("%q reads as %+v", s, place)
			}
		}
	})
}
