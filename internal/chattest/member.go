package chattest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func (f *fixture) join(cid chat.CID, users ...string) {
	f.t.Helper()
	f.ok(f.ChangeMembers(f.ctx(), chat.ChangeMembers{Operation: by(clerk), CID: cid, Add: users}))
}

func (f *fixture) mayWrite(who chat.Actor, cid chat.CID) error {
	_, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(who), Message: chat.Message{Sender: who.User(), CID: cid, Text: "hello"}})
	return err
}

// people creates one chat user of each kind; the member is a member of all channels.
func (f *fixture) people(cids ...chat.CID) {
	f.t.Helper()
	f.upsert(chat.UserChange{ID: "user", Name: "User"}, chat.UserChange{ID: "member", Name: "Member"},
		chat.UserChange{ID: "moderator", Name: "Moderator", Role: chat.RoleModerator},
		chat.UserChange{ID: "admin", Name: "Admin", Role: chat.RoleAdmin})
	for _, cid := range cids {
		f.put(cid, cid.ID)
		f.join(cid, "member")
	}
}

// The table in docs/api.md, on who may read and write.
func readingAndWriting(t *testing.T, f *fixture) {
	kinds := []chat.ChannelType{chat.Livestream, chat.Messaging, chat.Team, chat.Gaming, chat.Commerce, OwnType}
	for _, kind := range kinds {
		f.people(chat.CID{Type: kind, ID: "room"})
	}
	type answer struct{ read, write bool }
	yes := answer{true, true}
	for who, want := range map[string]func(chat.ChannelType) answer{
		"stranger":  func(k chat.ChannelType) answer { return answer{k == chat.Livestream, k == chat.Livestream} },
		"user":      func(k chat.ChannelType) answer { return answer{k == chat.Livestream, k == chat.Livestream} },
		"member":    func(chat.ChannelType) answer { return yes },
		"moderator": func(chat.ChannelType) answer { return yes },
		"admin":     func(chat.ChannelType) answer { return yes },
	} {
		for _, kind := range kinds {
			cid, actor := chat.CID{Type: kind, ID: "room"}, chat.Actor{ID: who}
			got := answer{f.MayRead(f.ctx(), actor, cid) == nil, f.mayWrite(actor, cid) == nil}
			if got != want(kind) {
				t.Errorf("%s in %s: may read and write %v, want %v", who, kind, got, want(kind))
			}
		}
	}
	f.fails(f.MayRead(f.ctx(), alice, chat.CID{Type: chat.Team, ID: "nowhere"}), chat.Unauthorized)
	f.fails(f.MayRead(f.ctx(), alice, chat.CID{Type: chat.Livestream, ID: "nowhere"}), chat.NotFound)
	f.fails(f.MayRead(f.ctx(), clerk, chat.CID{Type: chat.Team, ID: "nowhere"}), chat.NotFound)
}

// members returns all members of a channel, read by pages.
func (f *fixture) members(cid chat.CID) (list []chat.Member) {
	f.t.Helper()
	for q := (chat.MemberQuery{CID: cid, Limit: 2}); ; {
		page, err := f.Members(f.ctx(), q)
		f.ok(err)
		if page.HasPrevious != (q.After != "") || len(page.Items) > q.Limit {
			f.t.Errorf("after %q: %d members, others before: %v", q.After, len(page.Items), page.HasPrevious)
		}
		list = append(list, page.Items...)
		if !page.HasNext {
			return list
		}
		after, bad := chat.ParseMemberCursor(page.Items[len(page.Items)-1].Cursor())
		if bad != nil {
			f.t.Fatal(bad)
		}
		q.After = after
	}
}

func changingMembers(t *testing.T, f *fixture) {
	deals := chat.CID{Type: chat.Team, ID: "deals"}
	f.people(deals)
	change := func(who chat.Actor, add, remove []string) error {
		return f.ChangeMembers(f.ctx(), chat.ChangeMembers{Operation: by(who), CID: deals, Add: add, Remove: remove})
	}
	ids := func() (ids []string) {
		for _, m := range f.members(deals) {
			ids = append(ids, m.User.ID)
		}
		return ids
	}
	f.fails(change(chat.Actor{ID: "member"}, []string{"user"}, nil), chat.Unauthorized)
	f.fails(change(chat.Actor{ID: "user"}, []string{"user"}, nil), chat.Unauthorized)
	f.ok(change(chat.Actor{ID: "moderator"}, []string{"user", "admin", "user"}, nil))
	if diff := cmp.Diff([]string{"admin", "member", "user"}, ids()); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	f.fails(change(clerk, []string{"moderator", "nobody"}, nil), chat.InvalidArguments)
	f.ok(change(clerk, nil, []string{"user", "nobody"}))
	if diff := cmp.Diff([]string{"admin", "member"}, ids()); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	f.fails(f.mayWrite(chat.Actor{ID: "user"}, deals), chat.Unauthorized)
	_, err := f.Members(f.ctx(), chat.MemberQuery{CID: news, Limit: 10})
	f.fails(err, chat.NotFound)
}

func listingMyChannels(t *testing.T, f *fixture) {
	f.people(chat.CID{Type: chat.Team, ID: "b"}, chat.CID{Type: chat.Messaging, ID: "a"})
	f.put(news, "News")
	page, err := f.Channels(f.ctx(), chat.ChannelQuery{Limit: 10, Member: "member"})
	f.ok(err)
	if diff := cmp.Diff([]string{"a", "b"}, names(page.Items)); diff != "" {
		t.Errorf("the member's channels (-want +got):\n%s", diff)
	}
	if page, err := f.Channels(f.ctx(), chat.ChannelQuery{Limit: 10, Member: "user"}); err != nil || len(page.Items) > 0 {
		t.Errorf("the channels of a member of none: %v, %v", names(page.Items), err)
	}
}

func restrictingUsers(t *testing.T, f *fixture) {
	team := chat.CID{Type: chat.Team, ID: "team"}
	f.people(news, team)
	member, moderator := chat.Actor{ID: "member"}, chat.Actor{ID: "moderator"}
	restrict := func(who chat.Actor, r chat.Restrict) error {
		r.Operation, r.UserID = by(who), "member"
		return f.Restrict(f.ctx(), r)
	}
	expect := func(when string, cid chat.CID, read, write bool) {
		t.Helper()
		if got := f.MayRead(f.ctx(), member, cid) == nil; got != read {
			t.Errorf("%s: may read %s: %v, want %v", when, cid, got, read)
		}
		if got := f.mayWrite(member, cid) == nil; got != write {
			t.Errorf("%s: may write to %s: %v, want %v", when, cid, got, write)
		}
	}
	f.fails(restrict(chat.Actor{ID: "user"}, chat.Restrict{Kind: chat.Ban, CID: news}), chat.Unauthorized)
	f.fails(restrict(chat.Actor{ID: "user"}, chat.Restrict{Kind: chat.Ban}), chat.Unauthorized)

	if f.has(Mutes) {
		f.ok(restrict(moderator, chat.Restrict{Kind: chat.Mute, CID: news}))
		expect("muted in one channel", news, true, false)
		expect("muted in one channel", team, true, true)
		f.ok(restrict(moderator, chat.Restrict{Kind: chat.Mute, CID: news, Lift: true}))
		expect("no longer muted", news, true, true)
	} else {
		f.fails(restrict(moderator, chat.Restrict{Kind: chat.Mute, CID: news}), chat.Unsupported)
		expect("not muted", news, true, true)
	}

	f.ok(restrict(clerk, chat.Restrict{Kind: chat.Ban}))
	expect("banned everywhere", news, false, false)
	expect("banned everywhere", team, false, false)
	f.ok(restrict(clerk, chat.Restrict{Kind: chat.Ban, Lift: true}))
	f.ok(restrict(clerk, chat.Restrict{Kind: chat.Ban, Lift: true}))
	expect("no longer banned", team, true, true)

	until := time.Now().Add(time.Second)
	f.ok(restrict(clerk, chat.Restrict{Kind: chat.Ban, CID: team, Until: until}))
	if f.MayRead(f.ctx(), member, team) == nil && time.Now().Before(until) {
		t.Error("banned for a moment: may read all the same")
	}
	if f.mayWrite(member, team) == nil && time.Now().Before(until) {
		t.Error("banned for a moment: may write all the same")
	}
	if !f.has(ShortBans) {
		time.Sleep(time.Until(until)) // the requested end of the ban
		expect("banned for longer than asked", team, false, false)
		f.ok(restrict(clerk, chat.Restrict{Kind: chat.Ban, CID: team, Lift: true}))
	}
	for deadline := until.Add(time.Minute); f.MayRead(f.ctx(), member, team) != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the ban doesn't end by itself")
		}
	}
	expect("after the ban's end", team, true, true)

	r := chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: "nobody"}
	f.fails(f.Restrict(f.ctx(), r), chat.NotFound)
	r.UserID, r.CID = "member", chat.CID{Type: chat.Team, ID: "nowhere"}
	f.fails(f.Restrict(f.ctx(), r), chat.NotFound)
}

// The back office sees bans and mutes in all channels when it lists or changes users. Messages and
// members don't show them.
func tellingRestrictions(t *testing.T, f *fixture) {
	f.people(news)
	f.send(chat.Actor{ID: "member"}, news, "hello")
	restrict := func(r chat.Restrict) {
		t.Helper()
		r.Operation = by(clerk)
		f.ok(f.Restrict(f.ctx(), r))
	}
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "member", Until: in(time.Hour)})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "user"})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "admin", CID: news})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "moderator"})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "moderator", Lift: true})
	want := []string{"admin", "member ban for an hour", "moderator", "user ban for good"}
	if f.has(Mutes) {
		restrict(chat.Restrict{Kind: chat.Mute, UserID: "member"})
		restrict(chat.Restrict{Kind: chat.Mute, UserID: "moderator", Until: in(100 * time.Millisecond)})
		restrict(chat.Restrict{Kind: chat.Mute, UserID: "admin", CID: news})
		time.Sleep(150 * time.Millisecond) // the mute expires
		want[1] += ", mute for good"
	}
	told := func(u chat.User) string {
		var parts []string
		for _, r := range []*chat.Restriction{u.Ban, u.Mute} {
			switch {
			case r == nil:
				continue
			case r.Until.IsZero():
				parts = append(parts, string(r.Kind)+" for good")
			case time.Until(r.Until).Round(10*time.Minute) == time.Hour:
				parts = append(parts, string(r.Kind)+" for an hour")
			default:
				parts = append(parts, fmt.Sprint(r.Kind, " until ", r.Until))
			}
			if f.has(Mutes) && (r.By != "clerk" || r.CreatedAt.IsZero()) {
				t.Errorf("%s: by %q at %s", u.ID, r.By, r.CreatedAt)
			}
		}
		return strings.TrimSuffix(u.ID+" "+strings.Join(parts, ", "), " ")
	}
	var got []string
	page, err := f.Users(f.ctx(), chat.UserQuery{Limit: 10, IDs: []string{"admin", "member", "moderator", "user"}})
	f.ok(err)
	for _, u := range page.Items {
		got = append(got, told(u))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the list (-want +got):\n%s", diff)
	}
	changed := f.upsert(chat.UserChange{ID: "member", Name: "Member"})
	if got := told(changed[0]); got != want[1] {
		t.Errorf("after a change: %s", got)
	}
	moved, err := f.SetRoles(f.ctx(), chat.SetRoles{Operation: by(clerk), UserIDs: []string{"user"}, Role: chat.RoleUser})
	f.ok(err)
	if got := told(moved[0].User); got != want[3] {
		t.Errorf("after a change of role: %s", got)
	}
	for _, u := range []chat.User{f.history(news)[0].Sender, f.members(news)[0].User} {
		if u.ID != "member" || u.Ban != nil || u.Mute != nil {
			t.Errorf("everybody is told %s", told(u))
		}
	}
}

func markingRead(t *testing.T, f *fixture) {
	f.people(news)
	for i := range 5 {
		f.send(clerk, news, fmt.Sprint(i))
	}
	mark := func(who string, seq int64) error {
		return f.MarkRead(f.ctx(), chat.MarkRead{Operation: by(chat.Actor{ID: who}), CID: news, Seq: seq})
	}
	var seqs []int64
	for _, m := range f.history(news) {
		seqs = append(seqs, m.Seq)
	}
	read := func() (seq int64, messages int) {
		list := f.members(news)
		for _, s := range seqs {
			if s <= list[0].ReadSeq {
				messages++
			}
		}
		return list[0].ReadSeq, messages
	}
	end := f.channel(news).Seq + 1 // including the event of the first mark
	for _, row := range []struct {
		says     string
		seq      int64
		want     int64
		messages int
	}{
		{"marks", seqs[2], seqs[2], 3},
		{"doesn't go back", seqs[1], seqs[2], 3},
		{"goes no farther than the log", seqs[4] + 1_000, end, 5},
	} {
		f.ok(mark("member", row.seq))
		if got, n := read(); n != row.messages || got != row.want && f.has(ExactReads) {
			t.Errorf("%s: read up to %d, which is %d messages; want %d, %d messages", row.says, got, n, row.want, row.messages)
		}
	}
	f.send(clerk, news, "one more")
	seqs = append(seqs, f.history(news)[5].Seq)
	f.ok(mark("member", 0))
	if _, n := read(); n != 6 {
		t.Errorf("marking all leaves it at %d messages", n)
	}
	f.fails(mark("user", 1), chat.Unauthorized)
}
