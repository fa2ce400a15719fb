package engine_test

import (
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A channel's own data and its members' roles take effect on customers' apps at the next
// action.
func TestChannelRules(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { channelRules(t, open(t, inFolder(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { channelRules(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func channelRules(t *testing.T, e *engine.Engine) {
	ctx := t.Context()
	desk, ann, bob := chat.Actor{ID: "bo", BackOffice: true}, chat.Actor{ID: "ann"}, chat.Actor{ID: "bob"}
	cid, other := chat.CID{Type: chat.Team, ID: "a"}, chat.CID{Type: chat.Team, ID: "b"}
	users := []chat.UserChange{{ID: "ann", Name: "Ann"}, {ID: "bob", Name: "Bob"}}
	if _, err := e.UpsertUsers(ctx, chat.UpsertUsers{Operation: chat.Operation{By: desk}, Users: users}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []chat.CID{cid, other} {
		err := e.PutChannel(ctx, chat.PutChannel{Operation: chat.Operation{By: desk}, CID: c, Name: "A"})
		if err == nil {
			err = e.ChangeMembers(ctx, chat.ChangeMembers{Operation: chat.Operation{By: desk}, CID: c, Add: []string{"ann", "bob"}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	change := func(c chat.ChannelChange) {
		t.Helper()
		c.Operation.By, c.CID = desk, cid
		if err := e.ChangeChannel(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	set := func(fn func(c *chat.Channel)) {
		t.Helper()
		change(chat.ChannelChange{Data: func(c *chat.Channel) error { fn(c); return nil }})
	}
	send := func(by chat.Actor) error {
		_, err := e.SendMessage(ctx, chat.SendMessage{Operation: chat.Operation{By: by}, Message: chat.Message{CID: cid, Sender: by.User(), Text: "hi"}})
		return err
	}
	freeze := func(by chat.Actor, in chat.CID, frozen bool) error {
		return e.FreezeChannel(ctx, chat.FreezeChannel{Operation: chat.Operation{By: by}, CID: in, Frozen: frozen})
	}
	expect := func(what string, err error, want chat.Code) {
		t.Helper()
		if chat.CodeOf(err) != want || (err == nil) != (want == "") {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}

	expect("a member freezes", freeze(ann, cid, true), chat.Unauthorized)
	change(chat.ChannelChange{Roles: map[string]string{"ann": chat.ChannelModerator}})
	expect("a moderator of the channel freezes it", freeze(ann, cid, true), "")
	expect("a member writes to a frozen channel", send(bob), chat.Unauthorized)
	expect("a moderator of the channel writes to it", send(ann), "")
	expect("a moderator of another channel freezes", freeze(ann, other, true), chat.Unauthorized)
	expect("a moderator of a channel bans everywhere", e.Restrict(ctx, chat.Restrict{
		Operation: chat.Operation{By: ann}, Kind: chat.Ban, UserID: "bob"}), chat.Unauthorized)
	expect("a moderator of a channel bans there", e.Restrict(ctx, chat.Restrict{
		Operation: chat.Operation{By: ann}, Kind: chat.Ban, UserID: "bob", CID: cid, Until: time.Now().Add(time.Millisecond)}), "")
	expect("a moderator thaws", freeze(ann, cid, false), "")
	time.Sleep(2 * time.Millisecond) // until the ban ends

	set(func(c *chat.Channel) { c.Cooldown = 60 })
	expect("the first message", send(bob), "")
	expect("the next one in the cooldown", send(bob), chat.RateLimited)
	expect("a moderator's", send(ann), "")
	expect("a moderator's next", send(ann), "")
	expect("the back office's", send(chat.Actor{ID: "bob", BackOffice: true}), "")
	change(chat.ChannelChange{Roles: map[string]string{"ann": chat.ChannelMember}})
	expect("once a moderator's", send(ann), chat.RateLimited)

	set(func(c *chat.Channel) { c.Cooldown, c.Disabled = 0, true })
	expect("a member writes to a disabled channel", send(bob), chat.Unauthorized)
	expect("a member reads it", e.MayRead(ctx, bob, cid), chat.Unauthorized)
	expect("the back office reads it", e.MayRead(ctx, desk, cid), "")
	expect("the back office writes to it", send(desk), "")
	set(func(c *chat.Channel) { c.Disabled = false })
	expect("a member writes once it is enabled", send(bob), "")
}
