package chattest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// follower reads a feed.
type follower struct {
	f    *fixture
	feed chat.Feed
	rest []chat.Event
}

func (f *fixture) follow(cid chat.CID, after *int64) *follower {
	f.t.Helper()
	feed, err := f.Subscribe(f.ctx(), chat.Subscribe{By: clerk, CID: cid, After: after})
	f.ok(err)
	f.t.Cleanup(feed.Close)
	return &follower{f: f, feed: feed}
}

// next waits for one event. It skips events about changed rights, which may occur at any time.
func (w *follower) next() chat.Event {
	w.f.t.Helper()
	for {
		if len(w.rest) == 0 {
			list, err := w.feed.Next(w.f.ctx())
			w.f.ok(err)
			if len(list) == 0 {
				w.f.t.Fatal("a feed gave no event and no error")
			}
			w.rest = list
		}
		e := w.rest[0]
		w.rest = w.rest[1:]
		if e.Type != chat.AccessChanged {
			return e
		}
	}
}

// show formats an event in one line.
func show(e chat.Event) string {
	line := fmt.Sprintf("%d %s %s", e.Seq, e.Type, e.User.ID)
	if e.Message != nil {
		line += " " + e.Message.Text
	}
	if e.Reaction != nil {
		line += " " + e.Reaction.Type
	}
	if e.ReadSeq > 0 {
		line += fmt.Sprint(" ", e.ReadSeq)
	}
	return line
}

func (w *follower) expect(lines ...string) {
	w.f.t.Helper()
	for _, want := range lines {
		if got := show(w.next()); got != want {
			w.f.t.Errorf("got the event %q, want %q", got, want)
		}
	}
}

func followingChannel(t *testing.T, f *fixture) {
	f.people(news)
	f.send(clerk, news, "before")
	w := f.follow(news, nil)
	member := chat.Actor{ID: "member"}
	seq := w.feed.Start

	line := func(format string, args ...any) string {
		seq++
		return fmt.Sprint(seq, " ") + fmt.Sprintf(format, args...)
	}
	id := f.send(member, news, "hello")
	w.expect(line("message.new member hello"))
	f.ok(f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(member), CID: news, ID: id, Text: "hello!"}))
	w.expect(line("message.updated member hello!"))
	f.ok(f.React(f.ctx(), chat.React{Operation: by(chat.Actor{ID: "user"}), CID: news, MessageID: id, Type: "like"}))
	w.expect(line("reaction.new user hello! like"))
	f.ok(f.React(f.ctx(), chat.React{Operation: by(chat.Actor{ID: "user"}), CID: news, MessageID: id, Type: "like", Remove: true}))
	w.expect(line("reaction.deleted user hello! like"))
	f.ok(f.PinMessage(f.ctx(), chat.PinMessage{Operation: by(clerk), CID: news, ID: id, Pinned: true}))
	w.expect(line("message.updated clerk hello!"))
	history := f.history(news)
	last := history[len(history)-1].Seq
	f.ok(f.MarkRead(f.ctx(), chat.MarkRead{Operation: by(member), CID: news, Seq: last}))
	w.expect(line("message.read member %d", last))
	f.join(news, "user", "admin")
	w.expect(line("member.added user"), line("member.added admin"))
	f.ok(f.ChangeMembers(f.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: news, Remove: []string{"user"}}))
	w.expect(line("member.removed user"))
	kind, muted := chat.Mute, "user.muted user"
	if !f.has(Mutes) {
		kind, muted = chat.Ban, "user.banned user"
	}
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: kind, UserID: "user", CID: news}))
	w.expect(line("%s", muted))
	f.put(news, "Renamed")
	w.expect(line("channel.updated clerk"))
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(member), CID: news, ID: id}))
	w.expect(line("message.deleted member "))

	// A call that changes nothing records no event.
	f.join(news, "admin")
	f.ok(f.DeleteMessage(f.ctx(), chat.DeleteMessage{Operation: by(member), CID: news, ID: id}))
	f.send(clerk, news, "the end")
	w.expect(line("message.new clerk the end"))
	if got := f.channel(news).Seq; got != seq {
		t.Errorf("the channel's seq is %d, want that of the last event, %d", got, seq)
	}

	w.expectNothing()
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}}))
	_, err := w.feed.Next(f.ctx())
	f.fails(err, chat.NotFound)
	_, err = f.Subscribe(f.ctx(), chat.Subscribe{By: clerk, CID: news})
	f.fails(err, chat.NotFound)
}

func followingAtOnce(t *testing.T, f *fixture) {
	f.put(news, "News")
	const writers, each, followers = 8, 40, 6
	var wg sync.WaitGroup
	for i := range followers {
		w := f.follow(news, nil)
		wg.Go(func() {
			if i%2 == 1 {
				time.Sleep(time.Duration(i) * time.Millisecond) // some fall behind
			}
			for n := range int64(writers * each) {
				list := w.rest
				if len(list) == 0 {
					var err error
					if list, err = w.feed.Next(f.ctx()); err != nil {
						t.Error(err)
						return
					}
				}
				if list[0].Seq != w.feed.Start+n+1 {
					t.Errorf("the event %d comes after %d", list[0].Seq, w.feed.Start+n)
					return
				}
				w.rest = list[1:]
			}
		})
	}
	for i := range writers {
		wg.Go(func() {
			who := chat.Actor{ID: fmt.Sprint("writer-", i), BackOffice: true}
			for n := range each / 2 {
				id, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(who), Message: chat.Message{Sender: who.User(), CID: news, Text: fmt.Sprint(n)}})
				if err == nil {
					err = f.EditMessage(f.ctx(), chat.EditMessage{Operation: by(who), CID: news, ID: id, Text: "edited"})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func resuming(t *testing.T, f *fixture) {
	f.put(news, "News")
	start := f.channel(news).Seq // the seqs from here on are resumed from
	for i := range 700 {
		f.send(clerk, news, fmt.Sprint(i+1))
	}
	for _, after := range []int64{start, start + 1, start + 350, start + 699} {
		w := f.follow(news, &after)
		for seq := after + 1; seq <= start+700; seq++ {
			if e := w.next(); e.Seq != seq || e.Message.Text != fmt.Sprint(seq-start) {
				t.Fatalf("resuming after %d: got %s, want seq %d", after, show(e), seq)
			}
		}
	}
	atEnd := start + 700
	w := f.follow(news, &atEnd)
	f.send(clerk, news, "live again")
	w.expect(fmt.Sprint(atEnd+1, " message.new clerk live again"))

	for what, after := range map[string]int64{"a seq that is not reached yet": atEnd + 100, "a seq below all": -1} {
		_, err := f.Subscribe(f.ctx(), chat.Subscribe{By: clerk, CID: news, After: &after})
		if chat.CodeOf(err) != chat.Refetch {
			t.Errorf("resuming after %s: %v", what, err)
		}
	}
	seen := f.channel(news).Seq
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}}))
	f.put(news, "Another channel of that name")
	_, err := f.Subscribe(f.ctx(), chat.Subscribe{By: clerk, CID: news, After: &seen})
	f.fails(err, chat.Refetch)
	_, err = f.Subscribe(f.ctx(), chat.Subscribe{By: alice, CID: chat.CID{Type: chat.Team, ID: "secret"}})
	f.fails(err, chat.Unauthorized)
}

func followingBackOffice(t *testing.T, f *fixture) {
	f.people()
	feed, err := f.SubscribeBackOffice(f.ctx(), nil)
	f.ok(err)
	defer feed.Close()
	f.put(news, "News")
	f.put(news, "Renamed")
	f.ok(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: "user", Role: chat.RoleModerator}))
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "user"}))
	f.ok(f.DeleteChannels(f.ctx(), chat.DeleteChannels{Operation: by(clerk), CIDs: []chat.CID{news}}))
	want := []string{
		"channel.created livestream:news clerk", "channel.updated livestream:news clerk", "user.updated  user",
		"user.banned  user", "channel.deleted livestream:news clerk",
	}
	read := func(feed chat.Feed, n int) (lines []string) {
		last := feed.Start
		for len(lines) < n {
			list, err := feed.Next(f.ctx())
			f.ok(err)
			for _, e := range list {
				if last++; e.Seq != last {
					t.Errorf("the event %d comes after %d", e.Seq, last-1)
				}
				cid := ""
				if e.CID != (chat.CID{}) {
					cid = e.CID.String()
				}
				lines = append(lines, fmt.Sprintf("%s %s %s", e.Type, cid, e.User.ID))
			}
		}
		return lines
	}
	if diff := cmp.Diff(want, read(feed, len(want))); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	after := feed.Start + 2
	again, err := f.SubscribeBackOffice(f.ctx(), &after)
	f.ok(err)
	defer again.Close()
	if diff := cmp.Diff(want[2:], read(again, 3)); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
}

func signalling(t *testing.T, f *fixture) {
	f.people(news)
	w := f.follow(news, nil)
	member := chat.Actor{ID: "member", Name: "Member"}
	f.ok(f.Signal(f.ctx(), member, news, chat.TypingStart))
	f.ok(f.Signal(f.ctx(), member, news, chat.TypingStop))
	seq := w.feed.Start
	w.expect(fmt.Sprint(seq, " typing.start member"), fmt.Sprint(seq, " typing.stop member"))
	f.send(member, news, "typed")
	w.expect(fmt.Sprint(seq+1, " message.new member typed"))
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Mute, UserID: "member", CID: news}))
	f.fails(f.Signal(f.ctx(), member, news, chat.TypingStart), chat.Unauthorized)

	again := f.follow(news, &seq)
	again.expect(fmt.Sprint(seq+1, " message.new member typed"), fmt.Sprint(seq+2, " user.muted member"))
	f.send(clerk, news, "no signals between")
	again.expect(fmt.Sprint(seq+3, " message.new clerk no signals between"))
	if got := f.channel(news).Seq; got != seq+3 {
		t.Errorf("signals were counted: the seq is %d, want %d", got, seq+3)
	}
}

func attending(t *testing.T, f *fixture) {
	team := chat.CID{Type: chat.Team, ID: "team"}
	f.people(team)
	w := f.follow(team, nil)
	attend := func(id string) func() {
		leave, err := f.Attend(f.ctx(), chat.Actor{ID: id}, team)
		f.ok(err)
		return leave
	}
	phone, laptop := attend("member"), attend("member")
	moderator := attend("moderator") // may subscribe, and isn't a member
	laptop()
	phone()
	moderator()
	online := w.next()
	offline := w.next()
	if online.Type != chat.PresenceChanged || !online.Online || online.User.ID != "member" {
		t.Errorf("when a member comes: %+v", online)
	}
	if offline.Type != chat.PresenceChanged || offline.Online || offline.User.ID != "member" {
		t.Errorf("when the member's last connection goes: %+v", offline)
	}
	_, err := f.Attend(f.ctx(), chat.Actor{ID: "user"}, team)
	f.fails(err, chat.Unauthorized)
}

func noSignals(_ *testing.T, f *fixture) {
	f.put(news, "News")
	_, err := f.SubscribeUser(f.ctx(), alice)
	if e := f.fails(err, chat.Unsupported); e.Message == "" {
		f.t.Error("the refusal doesn't say what to use instead")
	}
	f.fails(f.Signal(f.ctx(), chat.Actor{ID: "member"}, news, chat.TypingStart), chat.Unsupported)
}

// notAttending is for a provider without presence: subscribers are accepted nevertheless.
func notAttending(_ *testing.T, f *fixture) {
	f.put(news, "News")
	leave, err := f.Attend(f.ctx(), chat.Actor{ID: "member"}, news)
	f.ok(err)
	leave()
}

// expectNothing waits briefly for events that must not occur.
func (w *follower) expectNothing() {
	w.f.t.Helper()
	ctx, cancel := context.WithTimeout(w.f.t.Context(), 20*time.Millisecond)
	defer cancel()
	for {
		list, err := w.feed.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		if err != nil {
			w.f.t.Fatalf("with nothing to tell: %v", err)
		}
		for _, event := range list {
			if event.Type != chat.AccessChanged {
				w.f.t.Errorf("with nothing to tell: %v", event)
			}
		}
	}
}
