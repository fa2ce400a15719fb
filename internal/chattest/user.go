package chattest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func upsertingUsers(t *testing.T, f *fixture) {
	show := func(list []chat.User) (lines []string) {
		for _, u := range list {
			lines = append(lines, fmt.Sprint(u.ID, " ", u.Name, " ", u.Role))
		}
		return lines
	}
	first := f.upsert(chat.UserChange{ID: "bob", Name: "Bob"}, chat.UserChange{ID: "alice", Name: "Alice", Role: chat.RoleAdmin})
	if diff := cmp.Diff([]string{"bob Bob user", "alice Alice admin"}, show(first)); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	second := f.upsert(chat.UserChange{ID: "alice", Name: "Alicia"}, chat.UserChange{ID: "bob", Name: "Bob", Role: chat.RoleModerator})
	if diff := cmp.Diff([]string{"alice Alicia admin", "bob Bob moderator"}, show(second)); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	if !second[0].CreatedAt.Equal(first[1].CreatedAt) || !second[0].UpdatedAt.After(first[1].UpdatedAt) {
		t.Errorf("times: first %+v then %+v", first[1], second[0])
	}
	f.put(news, "News")
	f.send(chat.Actor{ID: "bob", Name: "Robert", BackOffice: true}, news, "hello")
	if sender := f.history(news)[0].Sender; sender.Name != "Bob" || sender.Role != chat.RoleModerator {
		t.Errorf("sending changed the sender to %+v", sender)
	}
}

func pagingUsers(t *testing.T, f *fixture) {
	var users []chat.UserChange
	for i := range 23 {
		users = append(users, chat.UserChange{ID: fmt.Sprintf("U%02d@example.com", i), Name: fmt.Sprintf("user %d", i%3)})
	}
	f.upsert(users...)
	for search, want := range map[string]int{"": 23, "USER 1": 8, "u1": 10, "%": 0, "@EXAMPLE": 23} {
		q := chat.UserQuery{Limit: 5, Search: search}
		var ids []string
		for {
			page, err := f.Users(f.ctx(), q)
			f.ok(err)
			for _, u := range page.Items {
				ids = append(ids, u.Name+u.ID)
			}
			if !page.HasNext {
				break
			}
			place, bad := chat.ParseUserCursor(page.Items[len(page.Items)-1].Cursor())
			if bad != nil {
				t.Fatal(bad)
			}
			q.After = place
		}
		if len(ids) != want || !slices.IsSorted(ids) || len(slices.Compact(ids)) != want {
			t.Errorf("searching %q gave %d, want %d in order, each once: %v", search, len(ids), want, ids)
		}
	}
}

func usersByID(t *testing.T, f *fixture) {
	f.upsert(
		chat.UserChange{ID: "alice", Name: "Alice"}, chat.UserChange{ID: "bob", Name: "Bob"},
		chat.UserChange{ID: "carol", Name: "Carol"}, chat.UserChange{ID: "dave", Name: "Bob"},
	)
	for _, row := range []struct {
		q    chat.UserQuery
		want string
	}{
		{chat.UserQuery{Limit: 9, IDs: []string{"carol", "nobody", "alice", "carol"}}, "alice carol"},
		{chat.UserQuery{Limit: 9, IDs: []string{"dave", "alice"}, Search: "bob"}, "dave"},
		{chat.UserQuery{Limit: 1, IDs: []string{"dave", "alice", "bob"}}, "alice …"},
		{chat.UserQuery{Limit: 9, IDs: []string{"dave", "bob", "alice"}, After: chat.Position{NameKey: "bob", ID: "bob"}}, "dave"},
		{chat.UserQuery{Limit: 9, IDs: []string{}}, ""},
	} {
		page, err := f.Users(f.ctx(), row.q)
		f.ok(err)
		var ids []string
		for _, u := range page.Items {
			ids = append(ids, u.ID)
		}
		if page.HasNext {
			ids = append(ids, "…")
		}
		if got := strings.Join(ids, " "); got != row.want {
			t.Errorf("%+v gave %q, want %q", row.q, got, row.want)
		}
	}
}

func settingRoles(t *testing.T, f *fixture) {
	f.upsert(chat.UserChange{ID: "alice", Name: "Alice"})
	for _, role := range []chat.Role{chat.RoleModerator, chat.RoleModerator, chat.RoleAdmin, chat.RoleUser} {
		f.ok(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: "alice", Role: role}))
		page, err := f.Users(f.ctx(), chat.UserQuery{Limit: 1})
		f.ok(err)
		if got := page.Items[0].Role; got != role {
			t.Errorf("the role is %s, want %s", got, role)
		}
	}
	f.fails(f.SetRole(f.ctx(), chat.SetRole{Operation: by(clerk), UserID: "nobody", Role: chat.RoleAdmin}), chat.NotFound)
}

func settingManyRoles(t *testing.T, f *fixture) {
	f.people()
	set := func(op chat.Operation, role chat.Role, ids ...string) (lines []string, err error) {
		list, err := f.SetRoles(f.ctx(), chat.SetRoles{Operation: op, UserIDs: ids, Role: role})
		for _, c := range list {
			lines = append(lines, fmt.Sprintf("%s was %s, is %s", c.User.ID, c.Previous, c.User.Role))
		}
		return lines, err
	}
	_, err := set(by(clerk), chat.RoleAdmin, "user", "nobody", "member")
	if refused := f.fails(err, chat.NotFound); !strings.Contains(refused.Message, "nobody") {
		t.Errorf("the refusal doesn't name who isn't there: %s", refused.Message)
	}
	op := chat.Operation{By: clerk, Name: "setRoles", Key: "once", Digest: "same"}
	want := []string{"moderator was moderator, is moderator", "user was user, is moderator", "admin was admin, is moderator"}
	for range 2 { // the repeat returns the roles from before the first call
		got, err := set(op, chat.RoleModerator, "moderator", "user", "admin")
		f.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("setting roles (-want +got):\n%s", diff)
		}
	}
	f.put(news, "News")
	f.ok(f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(chat.Actor{ID: "user"}), CID: news, Frozen: true}))
	got, err := set(by(clerk), chat.RoleUser, "user")
	f.ok(err)
	if diff := cmp.Diff([]string{"user was moderator, is user"}, got); diff != "" {
		t.Errorf("giving the role back (-want +got):\n%s", diff)
	}
	f.fails(f.FreezeChannel(f.ctx(), chat.FreezeChannel{Operation: by(chat.Actor{ID: "user"}), CID: news}), chat.Unauthorized)
}
