package extra_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/streamapi/store"
)

var (
	clerk = chat.Actor{ID: "clerk", BackOffice: true}
	deals = chat.CID{Type: chat.Team, ID: "deals"}
)

// office is an engine with a channel in which there is one of everything.
type office struct {
	*extra.Engine

	t *testing.T
}

func openOffice(t *testing.T, e *extra.Engine) *office {
	t.Helper()
	o := &office{e, t}
	ctx := t.Context()
	_, err := e.UpsertUsers(ctx, chat.UpsertUsers{Operation: o.op("upsertChatUsers"), Users: []chat.UserChange{
		{ID: "anna", Name: "Anna"}, {ID: "bob", Name: "Bob"}, {ID: "clerk", Name: "Clara"}}})
	o.ok(err)
	o.ok(e.PutChannel(ctx, chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: deals, Name: "Deals 2026", Avatar: chat.Optional{Set: true, Value: "a.png"}}))
	o.ok(e.ChangeMembers(ctx, chat.ChangeMembers{Operation: o.op("addMembers"), CID: deals, Add: []string{"anna", "bob"}}))
	o.say("m1", "anna", "<b>offer</b>")
	o.say("m2", "bob", "answer")
	o.ok(e.EditMessage(ctx, chat.EditMessage{Operation: o.op("editMessage"), CID: deals, ID: "m1", Text: "<b>better offer</b>"}))
	o.ok(e.React(ctx, chat.React{Operation: chat.Operation{By: chat.Actor{ID: "bob"}}, CID: deals, MessageID: "m1", Type: "like"}))
	o.ok(e.MarkRead(ctx, chat.MarkRead{Operation: chat.Operation{By: chat.Actor{ID: "bob"}}, CID: deals}))
	o.ok(e.Restrict(ctx, chat.Restrict{Operation: o.op("banUser"), Kind: chat.Ban, UserID: "bob", CID: deals, Until: time.Now().Add(24 * time.Hour)}))
	_, err = e.Flag(ctx, store.Flag{By: "anna", MessageID: "m2", Reason: "rude"})
	o.ok(err)
	return o
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) fails(err error, code chat.Code) {
	o.t.Helper()
	if chat.CodeOf(err) != code {
		o.t.Errorf("got %v, want %s", err, code)
	}
}

func (o *office) op(name string) chat.Operation {
	return chat.Operation{By: clerk, Name: name, Source: chat.Source{Via: chat.ByGraphQL}}
}

func (o *office) say(id, sender, text string) {
	o.t.Helper()
	_, err := o.SendMessage(o.t.Context(), chat.SendMessage{Operation: chat.Operation{By: clerk},
		Message: chat.Message{ID: id, CID: deals, Sender: chat.User{ID: sender}, Text: text}})
	o.ok(err)
}

// drop deletes channels and returns the change.
func (o *office) drop(cids ...chat.CID) (change string) {
	o.t.Helper()
	op := o.op("deleteChannels")
	op.Noted = func(id string) { change = id }
	o.ok(o.DeleteChannels(o.t.Context(), chat.DeleteChannels{Operation: op, CIDs: cids}))
	return change
}

func (o *office) undo(change string, rename bool, cids ...chat.CID) error {
	op := o.op("undo")
	op.Undoes = change
	return o.Undo(o.t.Context(), chat.Undo{Operation: op, Rename: rename, CIDs: cids})
}

func (o *office) bin() []chat.BinnedChannel {
	o.t.Helper()
	page, err := o.Bin(o.t.Context(), chat.BinQuery{Limit: 10})
	o.ok(err)
	return page.Items
}

func (o *office) faults() (list []string) {
	o.t.Helper()
	o.ok(o.Store.Verify(o.t.Context(), func(fault string) { list = append(list, fault) }))
	return list
}

// found says how often each way to ask finds something of the channel.
func (o *office) found() map[string]int64 {
	o.t.Helper()
	ctx, t := o.t.Context(), map[string]int64{}
	all, err := o.AllChannels(ctx)
	o.ok(err)
	t["all channels"] = int64(len(all))
	page, err := o.Channels(ctx, chat.ChannelQuery{Limit: 9, Search: "deal"})
	o.ok(err)
	t["search"] = int64(len(page.Items))
	page, err = o.Channels(ctx, chat.ChannelQuery{Limit: 9, Member: "anna"})
	o.ok(err)
	t["a member's channels"] = int64(len(page.Items))
	last, err := o.LastMessages(ctx, []chat.CID{deals})
	o.ok(err)
	t["last messages"] = int64(len(last))
	exist, err := o.Existing(ctx, []chat.CID{deals})
	o.ok(err)
	for _, c := range exist {
		t["what a deletion removes"] = c.MessageCount
	}
	overview, err := o.Store.Overview(ctx)
	o.ok(err)
	t["messages in all"], t["channels in all"] = *overview.Messages, overview.Channels
	for _, hour := range []time.Time{time.Now().Add(-time.Hour), time.Now()} {
		n, err := o.Store.MessagesIn(ctx, hour.Truncate(time.Hour))
		o.ok(err)
		t["messages by the hour"] += n
	}
	busy, err := o.Store.BusiestChannels(ctx, time.Now().Add(-time.Hour), 9)
	o.ok(err)
	t["busiest channels"] = int64(len(busy))
	ending, err := o.Store.EndingBans(ctx, time.Now(), time.Now().Add(48*time.Hour), 9)
	o.ok(err)
	t["ending bans"] = int64(len(ending))
	bans, err := o.SearchBans(ctx, store.RestrictionSearch{Search: store.Search{Limit: 9}})
	o.ok(err)
	t["bans in Stream's API"] = int64(len(bans))
	flags, err := o.SearchFlags(ctx, store.FlagSearch{Search: store.Search{Limit: 9}})
	o.ok(err)
	t["flags"] = int64(len(flags))
	n, err := o.CountFlags(ctx, "bob", "")
	o.ok(err)
	t["flags of a user"] = n
	messages, reactions, err := o.ExportUser(ctx, "bob")
	o.ok(err)
	t["a user's messages"], t["a user's reactions"] = int64(len(messages)), int64(len(reactions))
	rows, err := o.Store.MessageRows(ctx, []string{"m1", "m2"})
	o.ok(err)
	t["messages by their ids"] = int64(len(rows))
	return t
}

// A deleted channel is in the bin with everything in it, and nowhere else. Undo brings all of
// it back.
func TestBin(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { bin(t, open(t, inFolder(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { bin(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func bin(t *testing.T, e *extra.Engine) {
	o := openOffice(t, e)
	before := o.found()
	for how, n := range before {
		if n == 0 {
			t.Errorf("%s finds nothing before the deletion", how)
		}
	}
	change := o.drop(deals)
	for how, n := range o.found() {
		if n != 0 {
			t.Errorf("%s finds %d in the bin", how, n)
		}
	}
	list := o.bin()
	if len(list) != 1 || list[0].CID != deals || list[0].Name != "Deals 2026" || list[0].Avatar != "https://media.example/a.png" ||
		list[0].MessageCount != 2 || list[0].MemberCount != 2 || list[0].DeletedBy != "clerk" || list[0].Change != change ||
		!list[0].ErasedAt.Equal(list[0].DeletedAt.Add(chat.BinKept)) {
		t.Fatalf("the bin is %+v", list)
	}
	for search, n := range map[string]int{"DEAL": 1, "2026": 1, "100%": 0} {
		if page, err := o.Bin(t.Context(), chat.BinQuery{Limit: 1, Search: search}); err != nil || len(page.Items) != n {
			t.Errorf("searched for %q the bin has %d, %v", search, len(page.Items), err)
		}
	}
	if c, err := o.Change(t.Context(), change); err != nil || !c.CanUndo || c.UndoneBy != "" || c.TargetCount != 1 {
		t.Errorf("the change is %+v, %v", c, err)
	}
	if faults := o.faults(); len(faults) > 0 {
		t.Errorf("verify found %q", faults)
	}
	_, err := o.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: clerk},
		Message: chat.Message{ID: "m3", CID: deals, Sender: chat.User{ID: "anna"}, Text: "late"}})
	o.fails(err, chat.NotFound)

	// Another channel takes the cid.
	o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: deals, Name: "Other"}))
	_, err = o.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: clerk},
		Message: chat.Message{ID: "m1", CID: deals, Sender: chat.User{ID: "anna"}, Text: "an id that is taken"}})
	if code := chat.CodeOf(err); code != chat.Conflict && code != chat.InvalidArguments {
		t.Errorf("a message with the id of one in the bin: %v", err)
	}
	o.fails(o.undo(change, false), chat.Conflict)
	o.fails(o.undo(change, true, chat.CID{Type: chat.Team, ID: "none"}), chat.Conflict)
	if n := len(o.bin()); n != 1 {
		t.Fatalf("a refused undo left %d in the bin", n)
	}
	other := o.drop(deals)
	o.ok(o.undo(change, false))
	for how, n := range o.found() {
		if n != before[how] {
			t.Errorf("brought back, %s finds %d, want %d", how, n, before[how])
		}
	}
	m, err := o.Message(t.Context(), clerk, deals, "m1")
	if err != nil || m.Text != "<b>better offer</b>" || m.Reactions["like"].Count != 1 {
		t.Errorf("the message is %+v, %v", m, err)
	}
	o.fails(o.undo(change, false), chat.Conflict)
	if c, err := o.Change(t.Context(), change); err != nil || c.CanUndo || c.UndoneBy == "" {
		t.Errorf("the change that was undone is %+v, %v", c, err)
	}
	o.ok(o.undo(other, true))
	if c, err := o.Channel(t.Context(), chat.CID{Type: chat.Team, ID: "deals-2"}); err != nil || c.Name != "Other" {
		t.Errorf("under another cid: %+v, %v", c, err)
	}
	if faults := o.faults(); len(faults) > 0 {
		t.Errorf("brought back, verify found %q", faults)
	}
}

// Subscribers of the back office learn that a channel is back, and one that resumes in the
// channel gets what it missed, unless another channel had the cid meanwhile.
func TestSubscribersOfWhatComesBack(t *testing.T) {
	for _, row := range []struct {
		name string
		used bool
		code chat.Code
	}{{"nobody had the cid", false, ""}, {"another channel had the cid", true, chat.Refetch}} {
		t.Run(row.name, func(t *testing.T) {
			o := openOffice(t, open(t, inFolder(t)))
			c, err := o.Channel(t.Context(), deals)
			o.ok(err)
			desk, err := o.SubscribeBackOffice(t.Context(), nil)
			o.ok(err)
			defer desk.Close()
			change := o.drop(deals)
			if row.used {
				o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: deals, Name: "Other"}))
				o.say("m9", "anna", "somewhere else")
				o.drop(deals)
			}
			o.ok(o.undo(change, false))
			var seen []chat.EventType
			for len(seen) == 0 || seen[len(seen)-1] != chat.ChannelCreated || row.used && len(seen) < 4 {
				list, err := desk.Next(t.Context())
				o.ok(err)
				for _, e := range list {
					seen = append(seen, e.Type)
				}
			}
			o.say("m4", "anna", "after it")
			after := c.Seq - 1
			feed, err := o.Subscribe(t.Context(), chat.Subscribe{By: clerk, CID: deals, After: &after})
			if err == nil {
				defer feed.Close()
				var list []chat.Event
				for len(list) < 2 && err == nil {
					var some []chat.Event
					some, err = feed.Next(t.Context())
					list = append(list, some...)
				}
				if err == nil && (list[0].Seq != c.Seq || list[1].Message == nil || list[1].Message.ID != "m4") {
					t.Errorf("resumed it got %+v", list)
				}
			}
			if chat.CodeOf(err) != row.code {
				t.Errorf("resumed: %v, want %q", err, row.code)
			}
		})
	}
}

// Of many deleted channels a few can come back, and the others later.
func TestUndoOfAPart(t *testing.T) {
	o := openOffice(t, open(t, inFolder(t)))
	var cids []chat.CID
	for i := range 450 {
		cid := chat.CID{Type: chat.Team, ID: fmt.Sprint("c", i)}
		o.ok(o.PutChannel(t.Context(), chat.PutChannel{Operation: o.op("createOrUpdateChannel"), CID: cid, Name: "C"}))
		cids = append(cids, cid)
	}
	change := o.drop(cids...)
	o.ok(o.undo(change, false, cids[7], cids[300]))
	if c, err := o.Change(t.Context(), change); err != nil || !c.CanUndo || c.TargetCount != 450 {
		t.Errorf("the change is %+v, %v", c, err)
	}
	o.fails(o.undo(change, false, cids[7], cids[8]), chat.Conflict)
	o.ok(o.undo(change, false))
	if all, err := o.AllChannels(t.Context()); err != nil || len(all) != 451 {
		t.Errorf("%d channels are back, %v", len(all), err)
	}
	seen := 0
	o.drop(cids...)
	q := chat.BinQuery{Limit: 200}
	for more := true; more; {
		page, err := o.Bin(t.Context(), q)
		o.ok(err)
		seen += len(page.Items)
		if more = page.HasNext; more {
			position, bad := chat.ParseBinCursor(page.Items[len(page.Items)-1].Cursor())
			if bad != nil {
				t.Fatal(bad)
			}
			q.After = position
		}
	}
	if seen != 450 {
		t.Errorf("the bin has %d entries, page by page", seen)
	}
}

// Undoing a deletion restores every table, except for versions.
func TestDeletionAndUndoAreTheIdentity(t *testing.T) {
	where := inFolder(t)
	o := openOffice(t, open(t, where))
	before := dump(t, where)
	o.ok(o.undo(o.drop(deals), false))
	for table, rows := range dump(t, where) {
		if !slices.Equal(rows, before[table]) {
			t.Errorf("%s was\n%s\nand is\n%s", table, strings.Join(before[table], "\n"), strings.Join(rows, "\n"))
		}
	}
}

// What is erased can't come back, and nothing is left of it: not even in records.
func TestEraseNow(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { eraseNow(t, open(t, inFolder(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { eraseNow(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func eraseNow(t *testing.T, e *extra.Engine) {
	o := openOffice(t, e)
	change := o.drop(deals)
	entry := o.bin()[0]
	erase := func(no int64, name string) (chat.Erased, error) {
		return o.EraseNow(t.Context(), chat.EraseNow{Operation: o.op("eraseNow"), No: no, Name: name})
	}
	_, err := erase(entry.No, "deals 2026")
	o.fails(err, chat.InvalidArguments)
	_, err = erase(entry.No+1, "Deals 2026")
	o.fails(err, chat.NotFound)
	erased, err := erase(entry.No, "Deals 2026")
	if want := (chat.Erased{Messages: 2, Members: 2, Reactions: 1, Versions: 1, Restrictions: 1}); err != nil || erased != want {
		t.Errorf("erased %+v, %v, want %+v", erased, err, want)
	}
	_, err = erase(entry.No, "Deals 2026")
	o.fails(err, chat.NotFound)
	o.fails(o.undo(change, false), chat.Conflict)
	nothingLeft(o, entry.No)
	page, err := o.Changes(t.Context(), chat.ChangeQuery{Limit: 99, CID: deals})
	o.ok(err)
	for _, c := range page.Items {
		for _, target := range c.Targets {
			if target.Before+target.After != "" {
				t.Errorf("the record of %s still has %+v", c.Operation, target)
			}
		}
	}
	if page.Items[0].Operation != "eraseNow" {
		t.Errorf("the last record is %+v", page.Items[0])
	}
}

func nothingLeft(o *office, no int64) {
	o.t.Helper()
	for _, table := range []string{"messages", "members", "reactions", "restrictions", "message_versions", "flags", "threads", "channel_settings", "events", "hidden_messages"} {
		rows, err := o.Store.Query(o.t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE channel = $1`, no)
		n, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[int64])
		o.ok(err)
		if n != 0 {
			o.t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if faults := o.faults(); len(faults) > 0 {
		o.t.Errorf("verify found %q", faults)
	}
}

// The bin is emptied by itself, of what is old enough.
func TestBinIsSwept(t *testing.T) {
	store, err := sqlstore.Open(t.Context(), inFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	e := engine.New(engine.Options{Store: store, Logger: slog.New(slog.DiscardHandler), AvatarBaseURL: "https://media.example", BinKept: 48 * time.Hour,
		Clock: func() time.Time { return now }})
	t.Cleanup(func() {
		e.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	o := openOffice(t, extra.New(e))
	o.drop(deals)
	no := o.bin()[0].No
	now = now.Add(47 * time.Hour)
	o.ok(e.SweepBin(context.WithoutCancel(t.Context())))
	if n := len(o.bin()); n != 1 {
		t.Fatalf("after 47 hours the bin has %d", n)
	}
	now = now.Add(2 * time.Hour)
	o.ok(e.SweepBin(t.Context()))
	if n := len(o.bin()); n != 0 {
		t.Errorf("after 49 hours the bin has %d", n)
	}
	nothingLeft(o, no)
}
