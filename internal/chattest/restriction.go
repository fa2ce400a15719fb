package chattest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// Bans and mutes in a channel are listed, of members and others, newest first. Those in other
// channels or in all channels aren't, nor expired ones.
func listingRestrictions(t *testing.T, f *fixture) {
	team := chat.CID{Type: chat.Team, ID: "team"}
	f.people(news, team)
	restrict := func(r chat.Restrict) {
		t.Helper()
		r.Operation = by(clerk)
		f.ok(f.Restrict(f.ctx(), r))
	}
	listed := func(cid chat.CID) (list []string) {
		t.Helper()
		rows, err := f.Restrictions(f.ctx(), cid)
		f.ok(err)
		for _, r := range rows {
			ends := "for good"
			if !r.Until.IsZero() {
				ends = "for " + time.Until(r.Until).Round(10*time.Minute).String()
			}
			list = append(list, fmt.Sprintf("%s of %s (%s) %s", r.Kind, r.User.Name, r.UserID, ends))
			if r.CID != cid || r.By != "clerk" && f.has(Mutes) || r.CreatedAt.IsZero() || r.User.ID != r.UserID {
				t.Errorf("told of a restriction: %+v", r)
			}
		}
		return list
	}
	expect := func(when string, cid chat.CID, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, listed(cid)); diff != "" {
			t.Errorf("%s, in %s (-want +got):\n%s", when, cid, diff)
		}
	}
	expect("before", news)
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "member", CID: news})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "user", CID: news, Until: time.Now().Add(time.Hour)}) // not a member
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "moderator", CID: team})
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "admin"})
	expect("banned", news, "ban of User (user) for 1h0m0s", "ban of Member (member) for good")
	expect("banned", team, "ban of Moderator (moderator) for good")

	if f.has(Mutes) {
		restrict(chat.Restrict{Kind: chat.Mute, UserID: "member", CID: team})
		restrict(chat.Restrict{Kind: chat.Mute, UserID: "user", CID: team, Until: time.Now().Add(50 * time.Millisecond)})
		time.Sleep(100 * time.Millisecond) // the mute expires
		expect("muted", team, "mute of Member (member) for good", "ban of Moderator (moderator) for good")
	}
	restrict(chat.Restrict{Kind: chat.Ban, UserID: "member", CID: news, Lift: true})
	expect("after one was lifted", news, "ban of User (user) for 1h0m0s")
	_, err := f.Restrictions(f.ctx(), chat.CID{Type: chat.Team, ID: "nowhere"})
	f.fails(err, chat.NotFound)
}
