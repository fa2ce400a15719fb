package chattest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func creatingChannels(t *testing.T, f *fixture) {
	long := strings.Repeat("x", chat.MaxChannelIDLength)
	for _, want := range []struct{ wanted, got string }{
		{"sale", "sale"},
		{"sale", "sale-2"},
		{"sale", "sale-3"},
		{"sale-2", "sale-2-2"},
		{long, long},
		{long, long[:62] + "-2"},
	} {
		if cid := f.create("Sale", want.wanted); cid.ID != want.got {
			t.Errorf("wanting %s gave %s, want %s", want.wanted, cid.ID, want.got)
		}
	}

	cid, err := f.CreateChannel(f.ctx(), chat.CreateChannel{
		Operation: by(clerk), Type: chat.Team, Name: "Ärger & Co", WantID: "sale", Avatar: "a 100%.png"})
	f.ok(err)
	c := f.channel(cid)
	got := []any{c.CID.String(), c.Name, c.Avatar, c.Frozen, c.MessageCount, c.CreatedBy, c.LastMessageAt.IsZero()}
	want := []any{"team:sale", "Ärger & Co", "https://media.example/a%20100%25.png", false, int64(0), "clerk", true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a created channel (-want +got):\n%s", diff)
	}
	if c.CreatedAt.IsZero() || !c.UpdatedAt.Equal(c.CreatedAt) {
		t.Errorf("created %v, updated %v, want the same moment", c.CreatedAt, c.UpdatedAt)
	}
}

func creatingAtOnce(t *testing.T, f *fixture) {
	var wg sync.WaitGroup
	ids := make([]string, 40)
	for i := range ids {
		wg.Go(func() {
			cid, err := f.CreateChannel(f.ctx(), chat.CreateChannel{Operation: by(clerk), Type: chat.Livestream, Name: "Sale", WantID: "sale"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = cid.ID
		})
	}
	wg.Wait()
	slices.Sort(ids)
	if unique := slices.Compact(slices.Clone(ids)); len(unique) != len(ids) || len(f.all()) != len(ids) {
		t.Errorf("got the ids %v and %d channels, want %d different ones", ids, len(f.all()), len(ids))
	}
}

func puttingChannels(t *testing.T, f *fixture) {
	set := func(file string) chat.Optional { return chat.Optional{Set: true, Value: file} }
	for _, step := range []struct {
		does         string
		name         string
		avatar       chat.Optional
		wantedAvatar string
	}{
		{"creates a channel that isn't there", "News", set("a.png"), "https://media.example/a.png"},
		{"keeps the avatar when none is given", "Big News", chat.Optional{}, "https://media.example/a.png"},
		{"replaces the avatar", "Big News", set("b.jpg"), "https://media.example/b.jpg"},
		{"removes the avatar", "Big News", set(""), ""},
	} {
		f.ok(f.PutChannel(f.ctx(), chat.PutChannel{Operation: by(clerk), CID: news, Name: step.name, Avatar: step.avatar}))
		c := f.channel(news)
		if c.Name != step.name || c.Avatar != step.wantedAvatar {
			t.Errorf("%s: got %q with avatar %q", step.does, c.Name, c.Avatar)
		}
		if list := f.all(); len(list) != 1 || list[0].Name != step.name {
			t.Errorf("%s: the list says %v", step.does, names(list))
		}
	}
	before := f.channel(news)
	f.send(clerk, news, "hello")
	f.put(news, "News again")
	after := f.channel(news)
	if after.MessageCount != 1 || !after.CreatedAt.Equal(before.CreatedAt) || !after.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("an update changed more than it should: %+v then %+v", before, after)
	}
	f.put(chat.CID{Type: chat.Team, ID: news.ID}, "Team news")
	if len(f.all()) != 2 || f.channel(news).Name != "News again" {
		t.Error("the same id of another type is not another channel")
	}
}

func listingChannels(t *testing.T, f *fixture) {
	if list := f.all(); len(list) != 0 {
		t.Fatalf("a new chat lists %v", names(list))
	}
	for i, name := range []string{"beta", "Alpha", "émile", "Zoo", "alpha", "10", "9", "ÉMILE", "خبر", "新闻", "Beta"} {
		f.put(chat.CID{Type: chat.Gaming, ID: fmt.Sprintf("c%02d", i)}, name)
	}
	f.put(chat.CID{Type: chat.Commerce, ID: "z"}, "alpha")
	want := []string{"9", "10", "alpha", "Alpha", "alpha", "beta", "Beta", "émile", "ÉMILE", "Zoo", "خبر", "新闻"}
	if diff := cmp.Diff(want, names(f.all())); diff != "" {
		t.Errorf("the order of the list (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(names(f.all()), names(f.all())); diff != "" {
		t.Errorf("two calls differ:\n%s", diff)
	}
	_, err := f.Channel(f.ctx(), chat.CID{Type: chat.Team, ID: "nowhere"})
	f.fails(err, chat.NotFound)
}

func pagingChannels(t *testing.T, f *fixture) {
	for i := range 25 {
		kind := chat.Livestream
		if i%5 == 0 {
			kind = chat.Team
		}
		f.put(chat.CID{Type: kind, ID: fmt.Sprintf("Room_%02d", i)}, fmt.Sprintf("Same %d%%", i%2))
	}
	f.put(chat.CID{Type: chat.Team, ID: "other"}, `Back\slash 007 Zoe`+"\u0308 Straße διάλογος")

	for _, q := range []struct {
		finds string
		query chat.ChannelQuery
		want  int
	}{
		{"all", chat.ChannelQuery{}, 26},
		{"those of a type", chat.ChannelQuery{Type: chat.Team}, 6},
		{"a part of the name in any case", chat.ChannelQuery{Search: "sAmE 1"}, 12},
		{"a part of the id in any case", chat.ChannelQuery{Search: "room_0"}, 10},
		{"a percent sign as itself", chat.ChannelQuery{Search: "%"}, 25},
		{"an underscore as itself", chat.ChannelQuery{Search: "m_1"}, 10},
		{"a backslash as itself", chat.ChannelQuery{Search: `k\s`}, 1},
		{"nothing by the type's name", chat.ChannelQuery{Search: "livestream"}, 0},
		{"a name without its marks, with spaces around", chat.ChannelQuery{Search: "  zoe STRASSE "}, 1},
		{"a name by its composed letters", chat.ChannelQuery{Search: "zoë straße"}, 1},
		{"a word by its final sigma", chat.ChannelQuery{Search: "ΔΙΆΛΟΓΟΣ"}, 1},
		{"a number in the name, not its value", chat.ChannelQuery{Search: "007"}, 1},
		{"all by spaces alone", chat.ChannelQuery{Search: "  "}, 26},
		{"type and search together", chat.ChannelQuery{Search: "same", Type: chat.Team}, 5},
	} {
		q.query.Limit = 4
		var cids []chat.CID
		for {
			page, err := f.Channels(f.ctx(), q.query)
			f.ok(err)
			if page.HasPrevious != (len(cids) > 0) {
				t.Errorf("%s: HasPrevious is %v after %d", q.finds, page.HasPrevious, len(cids))
			}
			for _, c := range page.Items {
				cids = append(cids, c.CID)
			}
			if !page.HasNext {
				break
			}
			last := page.Items[len(page.Items)-1]
			place, bad := chat.ParseChannelCursor(last.Cursor())
			if bad != nil {
				t.Fatal(bad)
			}
			q.query.After = place
		}
		var want []chat.CID
		for _, c := range f.all() {
			if slices.Contains(cids, c.CID) {
				want = append(want, c.CID)
			}
		}
		if len(cids) != q.want || !slices.Equal(cids, want) {
			t.Errorf("%s: got %d, want %d in the order of the list: %v", q.finds, len(cids), q.want, cids)
		}
	}
}

func deletingChannels(t *testing.T, f *fixture) {
	var cids []chat.CID
	for i := range 450 {
		cids = append(cids, f.create("Room", fmt.Sprintf("room-%d", i)))
	}
	f.put(news, "News")
	f.send(clerk, cids[0], "going")
	f.send(clerk, news, "staying")

	del := func(cids ...chat.CID) {
		f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: cids}))
	}
	del(chat.CID{Type: chat.Team, ID: "never-was"})
	if n := len(f.all()); n != 451 {
		t.Fatalf("deleting what isn't there left %d channels, want 451", n)
	}
	del(append([]chat.CID{cids[3], cids[3]}, cids...)...)
	del(cids...)
	if list := f.all(); len(list) != 1 || list[0].CID != news {
		t.Errorf("left: %v", names(list))
	}
	_, err := f.Messages(f.ctx(), chat.MessageQuery{CID: cids[0], Limit: 1})
	f.fails(err, chat.NotFound)

	f.put(cids[0], "Back again")
	if n := len(f.history(cids[0])); n != 0 {
		t.Errorf("a channel made anew has %d messages of the one before", n)
	}
	if diff := cmp.Diff([]string{"staying"}, texts(f.history(news))); diff != "" {
		t.Errorf("the other channel's messages (-want +got):\n%s", diff)
	}
}

func freezingChannels(t *testing.T, f *fixture) {
	f.put(news, "News")
	f.upsert(chat.UserChange{ID: "alice", Name: "Alice"}, chat.UserChange{ID: "bob", Name: "Bob", Role: chat.RoleModerator})
	freeze := func(who chat.Actor, frozen bool) error {
		return f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(who), CID: news, Frozen: frozen})
	}
	post := func(who chat.Actor) error {
		_, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(who), Message: chat.Message{Sender: who.User(), CID: news, Text: "hi"}})
		return err
	}
	f.fails(freeze(alice, true), chat.Unauthorized)
	f.fails(freeze(chat.Actor{ID: "stranger"}, true), chat.Unauthorized)
	f.ok(freeze(bob, true))
	if !f.channel(news).Frozen || !f.all()[0].Frozen {
		t.Error("the channel is not frozen")
	}
	f.fails(post(alice), chat.Unauthorized)
	f.fails(post(chat.Actor{ID: "stranger"}), chat.Unauthorized)
	f.ok(post(bob))
	f.ok(post(clerk))
	f.ok(freeze(clerk, false))
	f.ok(post(alice))
	if n := len(f.history(news)); n != 3 {
		t.Errorf("%d messages were posted, want 3", n)
	}
	err := f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(clerk), CID: chat.CID{Type: chat.Team, ID: "nowhere"}})
	f.fails(err, chat.NotFound)
}
