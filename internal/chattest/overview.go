package chattest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func existingChannels(t *testing.T, f *fixture) {
	deals := chat.CID{Type: chat.Team, ID: "deals"}
	empty := chat.CID{Type: chat.Team, ID: "empty"}
	f.people(news, deals)
	f.put(empty, "Empty")
	f.join(news, "user", "admin", "member")
	f.send(clerk, news, "one")
	id := f.send(clerk, news, "two")
	f.send(clerk, deals, "three")
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: id}))

	// contents are the messages and members of those that exist.
	contents := func(cids ...chat.CID) map[chat.CID][2]int64 {
		list, err := f.Existing(f.ctx(), cids)
		f.ok(err)
		all := map[chat.CID][2]int64{}
		for _, c := range list {
			if _, twice := all[c.CID]; twice || c.CreatedAt.IsZero() {
				t.Errorf("the channel %s is there twice, or without its time: %+v", c.CID, c)
			}
			all[c.CID] = [2]int64{c.MessageCount, c.MemberCount}
		}
		return all
	}
	for _, row := range []struct {
		of   string
		cids []chat.CID
		want map[chat.CID][2]int64
	}{
		{"an empty channel", []chat.CID{empty}, map[chat.CID][2]int64{empty: {}}},
		{"a channel with an emptied message", []chat.CID{news}, map[chat.CID][2]int64{news: {2, 3}}},
		{"a channel named twice", []chat.CID{news, deals, news}, map[chat.CID][2]int64{news: {2, 3}, deals: {1, 1}}},
		{"a channel that isn't there", []chat.CID{{Type: chat.Gaming, ID: "news"}}, map[chat.CID][2]int64{}},
	} {
		if diff := cmp.Diff(row.want, contents(row.cids...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.of, diff)
		}
	}
	f.ok(f.ChangeMembers(f.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Remove: []string{"user", "user", "nobody"}}))
	page, err := f.Channels(f.ctx(), chat.ChannelQuery{Limit: 10, Search: "news"})
	f.ok(err)
	if n, listed := f.channel(news).MemberCount, page.Items[0].MemberCount; n != 2 || listed != 2 {
		t.Errorf("with one member gone there are %d, and %d in the list; want 2", n, listed)
	}
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}}))
	f.put(news, "News again")
	if diff := cmp.Diff(map[chat.CID][2]int64{news: {}}, contents(news)); diff != "" {
		t.Errorf("a channel made anew (-want +got):\n%s", diff)
	}
}

func overview(t *testing.T, f *fixture) {
	f.people(news)
	f.put(chat.CID{Type: chat.Team, ID: "gone"}, "Gone")
	for range 3 {
		f.send(clerk, news, "hello")
	}
	f.send(clerk, chat.CID{Type: chat.Team, ID: "gone"}, "hello")
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{{Type: chat.Team, ID: "gone"}}}))
	o, err := f.Overview(f.ctx())
	f.ok(err)
	if o.Channels != 1 || o.Users != 5 || o.Messages == nil || *o.Messages != 3 || len(o.Hours) != chat.OverviewHours {
		t.Fatalf("the overview is %+v; want 1 channel, 5 users with the clerk, 3 messages, %d hours", o, chat.OverviewHours)
	}
	var sum int64
	for i, h := range o.Hours {
		sum += h.Messages
		if i > 0 && h.Start.Sub(o.Hours[i-1].Start) != time.Hour {
			t.Errorf("the hour after %v begins at %v", o.Hours[i-1].Start, h.Start)
		}
	}
	if last := o.Hours[len(o.Hours)-1].Start; sum != 3 || time.Since(last) > time.Hour+time.Minute || last.Minute() != 0 {
		t.Errorf("%d messages up to the hour that began at %v; want 3 up to the present one", sum, last)
	}
}

// noFigures tests an overview without statistics of messages.
func noFigures(t *testing.T, f *fixture) {
	f.people(news)
	o, err := f.Overview(f.ctx())
	f.ok(err)
	if o.Channels != 1 || o.Users != 5 || o.Messages != nil || o.Hours != nil || o.MessagesToday() != nil {
		t.Errorf("the overview is %+v; want 1 channel, 5 users with the clerk, and nothing of messages", o)
	}
}

func highlights(t *testing.T, f *fixture) {
	f.people(news)
	quiet := chat.CID{Type: chat.Team, ID: "quiet"}
	f.put(quiet, "Quiet")
	for range 3 {
		f.send(clerk, news, "hello")
	}
	if f.has(ShortBans) {
		f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "member", Until: time.Now().Add(24 * time.Hour)}))
	}
	h, err := f.Highlights(f.ctx())
	f.ok(err)
	if len(h.Newest) != 2 || h.Newest[0].CID != quiet || len(h.Silent) != 0 {
		t.Errorf("newest are %v, silent are %v; want the quiet one first, and none silent for so long", h.Newest, h.Silent)
	}
	if !f.has(Figures) {
		if h.Busy != nil || h.EndingBans != nil {
			t.Errorf("a provider without figures says %v and %v", h.Busy, h.EndingBans)
		}
		return
	}
	if len(h.Busy) != 1 || h.Busy[0].Channel.CID != news || h.Busy[0].Messages != 3 || h.Busy[0].Channel.Name == "" {
		t.Errorf("busy are %+v; want the news with 3 messages", h.Busy)
	}
	if len(h.EndingBans) != 1 || h.EndingBans[0].User.ID != "member" || h.EndingBans[0].CID != (chat.CID{}) {
		t.Errorf("ending bans are %+v; want the member's", h.EndingBans)
	}
}

func lastMessages(t *testing.T, f *fixture) {
	f.people(news)
	empty, gone := chat.CID{Type: chat.Team, ID: "empty"}, chat.CID{Type: chat.Team, ID: "gone"}
	f.put(empty, "Empty")
	f.send(clerk, news, "first")
	f.send(clerk, news, "second")
	third := f.send(clerk, news, "third")
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(clerk), CID: news, ID: third}))
	list, err := f.LastMessages(f.ctx(), []chat.CID{empty, gone, news})
	f.ok(err)
	if len(list) != 1 || list[0].Text != "second" || list[0].Sender.ID != clerk.ID || list[0].CID != news {
		t.Errorf("the last messages are %+v; want the second of the news alone", list)
	}
}
