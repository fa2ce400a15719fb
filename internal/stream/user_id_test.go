package stream_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// Users whose ids Stream doesn't accept can do everything that others can. Stream knows
// them by an escape, which nobody here sees.
func TestOddUserIDs(t *testing.T) {
	h := open(t, stream.Options{})
	h.put(news, "News")
	jo, clerk := chat.Actor{ID: "jo.doe@crm.example", Name: "Jo"}, chat.Actor{ID: "c.lerk", Name: "Clerk", BackOffice: true}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.UpsertUsers(h.ctx(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: jo.ID, Name: "Jo"}, {ID: "x-men", Name: "X"}}})
	must(err)
	if list[0].ID != jo.ID || list[0].Name != "Jo" || list[1].ID != "x-men" {
		t.Errorf("upserted: %+v", list)
	}
	must(h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: []string{jo.ID, "x-men"}}))
	must(h.SetRole(h.ctx(), chat.SetRole{Operation: by(clerk), UserID: jo.ID, Role: chat.RoleModerator}))
	id, err := h.SendMessage(h.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "hello", Mentions: chat.Users([]string{jo.ID})}})
	must(err)
	must(h.React(h.ctx(), chat.React{Operation: by(jo), CID: news, MessageID: id, Type: "like"}))
	must(h.React(h.ctx(), chat.React{Operation: by(jo), CID: news, MessageID: id, Type: "like", Remove: true}))
	must(h.MarkRead(h.ctx(), chat.MarkRead{Operation: by(jo), CID: news}))
	must(h.EditMessage(h.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "hello again"}))
	must(h.Restrict(h.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: jo.ID, CID: news}))

	m, err := h.Message(h.ctx(), clerk, news, id)
	must(err)
	if m.Sender.ID != clerk.ID || len(m.Mentions) != 1 || m.Mentions[0].ID != jo.ID || m.Mentions[0].Role != chat.RoleModerator {
		t.Errorf("the message: %+v", m)
	}
	members, err := h.Members(h.ctx(), chat.MemberQuery{CID: news, Limit: 10})
	must(err)
	if len(members.Items) != 2 || members.Items[0].User.ID != jo.ID || members.Items[0].ReadSeq != m.Seq {
		t.Errorf("the members: %+v, want who read up to %d", members.Items, m.Seq)
	}
	bans, err := h.Restrictions(h.ctx(), news)
	must(err)
	if len(bans) != 1 || bans[0].UserID != jo.ID || bans[0].By != clerk.ID {
		t.Errorf("the bans: %+v", bans)
	}
	mine, err := h.Channels(h.ctx(), chat.ChannelQuery{Limit: 10, Member: jo.ID})
	must(err)
	if len(mine.Items) != 1 || mine.Items[0].CID != news {
		t.Errorf("the member's channels: %+v", mine.Items)
	}
	must(h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Remove: []string{jo.ID}}))

	users, err := h.far.Users(h.ctx(), chat.UserQuery{Limit: 10})
	must(err)
	stands := regexp.MustCompile(`^[a-z0-9@_-]+$`)
	for _, u := range users.Items {
		if !stands.MatchString(u.ID) {
			t.Errorf("Stream was given the user id %s", u.ID)
		}
	}
	if !slices.ContainsFunc(users.Items, func(u chat.User) bool { return u.ID == "x-men" }) {
		t.Error("x-men is another one at Stream")
	}

	long := strings.Repeat("a.", 100)
	for _, row := range []struct {
		field string
		err   error
	}{
		{"", h.PutChannel(h.ctx(), chat.PutChannel{Operation: by(chat.Actor{ID: long, BackOffice: true}), CID: news, Name: "N"})},
		{"users", h.SetRole(h.ctx(), chat.SetRole{Operation: by(clerk), UserID: long, Role: chat.RoleAdmin})},
		{"users", h.ChangeMembers(h.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Add: []string{long}})},
		{"mentions", h.EditMessage(h.ctx(), chat.EditMessage{Operation: by(clerk), CID: news, ID: id, Text: "x", Mentions: &[]string{long}})},
	} {
		if e := asError(t, row.err); e.Code != chat.InvalidArguments || e.Field != row.field {
			t.Errorf("too long for %s: %v", row.field, e)
		}
	}
}
