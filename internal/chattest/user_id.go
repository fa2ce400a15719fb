package chattest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

// oddIDs contain every character that a user id may contain. Some are prefixes of others.
var oddIDs = []string{
	"google-oauth2|1137", "google-oauth2|11370", "jo+test@crm.example", "a:b", "a:b:c", "x=~y", "#1", "o'hara", "!*$&", "_-@.+|:=~#!'*$&",
}

// An id with unusual characters is the same user in every input and output.
func oddUserIDs(t *testing.T, f *fixture) {
	var changes []chat.UserChange
	for _, id := range oddIDs {
		changes = append(changes, chat.UserChange{ID: id, Name: "Same"})
	}
	f.upsert(changes...)
	f.put(news, "News")
	f.join(news, oddIDs...)
	want := slices.Sorted(slices.Values(oddIDs))
	var members []string
	for _, m := range f.members(news) {
		members = append(members, m.User.ID)
	}
	slices.Sort(members)
	if diff := cmp.Diff(want, members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, f.userIDs(chat.UserQuery{Limit: 3})); diff != "" {
		t.Errorf("users by pages (-want +got):\n%s", diff)
	}
	for _, id := range oddIDs {
		f.oddUser(id)
	}
}

// userIDs returns the ids of all users except the clerk, read by pages.
func (f *fixture) userIDs(q chat.UserQuery) (ids []string) {
	f.t.Helper()
	for {
		page, err := f.Users(f.ctx(), q)
		f.ok(err)
		for _, u := range page.Items {
			if u.ID != clerk.ID {
				ids = append(ids, u.ID)
			}
		}
		if !page.HasNext {
			slices.Sort(ids)
			return ids
		}
		after, bad := chat.ParseUserCursor(page.Items[len(page.Items)-1].Cursor())
		if bad != nil {
			f.t.Fatal(bad)
		}
		q.After = after
	}
}

// oddUser makes one user the subject and the object of every operation.
func (f *fixture) oddUser(id string) {
	f.t.Helper()
	me := chat.Actor{ID: id}
	if page, err := f.Users(f.ctx(), chat.UserQuery{Limit: 10, IDs: []string{id}}); err != nil || len(page.Items) != 1 || page.Items[0].ID != id {
		f.t.Errorf("%s: found by its id: %v, %v", id, page.Items, err)
	}
	sent := f.send(me, news, "hello")
	f.ok(f.React(f.ctx(), chat.React{Operation: by(me), CID: news, MessageID: sent, Type: "like"}))
	history := f.history(news)
	last := history[len(history)-1]
	if last.ID != sent || last.Sender.ID != id || last.Reactions["like"].Count != 1 {
		f.t.Errorf("%s: the message is %+v", id, last)
	}
	f.ok(f.MarkRead(f.ctx(), chat.MarkRead{Operation: by(me), CID: news, Seq: last.Seq}))
	mentioning, err := f.SendMessage(f.ctx(), chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "you", Mentions: chat.Users([]string{id})}})
	f.ok(err)
	history = f.history(news)
	if last := history[len(history)-1]; last.ID != mentioning || len(last.Mentions) != 1 || last.Mentions[0].ID != id {
		f.t.Errorf("%s: the mentions are %+v", id, last.Mentions)
	}
	f.ok(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: id, Role: chat.RoleModerator}))
	f.ok(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: id, Role: chat.RoleUser}))
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: id, CID: news, Until: time.Now().Add(time.Hour)}))
	f.fails(f.mayWrite(me, news), chat.Unauthorized)
	list, err := f.Restrictions(f.ctx(), news)
	f.ok(err)
	if len(list) != 1 || list[0].UserID != id {
		f.t.Errorf("%s: the bans are %+v", id, list)
	}
	f.ok(f.Restrict(f.ctx(), chat.Restrict{Operation: by(clerk), Kind: chat.Ban, UserID: id, CID: news, Lift: true}))
}
