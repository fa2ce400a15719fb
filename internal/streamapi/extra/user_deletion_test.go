package extra_test

import (
	"slices"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/streamapi/store"
)

// A deactivated or deleted user of any role can do nothing through any API, and is in no
// list. Of a deleted user's messages only the numbers stay.
func TestUsersWhoAreGone(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { usersWhoAreGone(t, open(t, inFolder(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { usersWhoAreGone(t, open(t, sqlstore.Options{URL: pgtest.Open(t)})) })
}

func usersWhoAreGone(t *testing.T, e *extra.Engine) {
	ctx := t.Context()
	office := chat.Operation{By: chat.Actor{ID: "bo", BackOffice: true}}
	ann := chat.Actor{ID: "ann"}
	cid := chat.CID{Type: chat.Team, ID: "a"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := e.UpsertUsers(ctx, chat.UpsertUsers{Operation: office, Users: []chat.UserChange{{ID: "ann", Name: "Ann", Role: chat.RoleAdmin}, {ID: "bo", Name: "Bo"}}})
	must(err)
	must(e.PutChannel(ctx, chat.PutChannel{Operation: office, CID: cid, Name: "A"}))
	must(e.ChangeMembers(ctx, chat.ChangeMembers{Operation: office, CID: cid, Add: []string{"ann"}}))
	send := func() error {
		_, err := e.SendMessage(ctx, chat.SendMessage{Operation: chat.Operation{By: ann}, Message: chat.Message{CID: cid, Sender: ann.User(), Text: "secret"}})
		return err
	}
	must(send())
	_, err = e.SendMessage(ctx, chat.SendMessage{Operation: office, Message: chat.Message{CID: cid, Sender: chat.User{ID: "bo"}, Text: "@Ann", Mentions: chat.Users([]string{"bo", "ann"})}})
	must(err)
	denied := func(when string) {
		t.Helper()
		for what, err := range map[string]error{
			"read":   e.MayRead(ctx, ann, cid),
			"write":  send(),
			"ban":    e.Restrict(ctx, chat.Restrict{Operation: chat.Operation{By: ann}, Kind: chat.Ban, UserID: "bo"}),
			"freeze": e.FreezeChannel(ctx, chat.FreezeChannel{Operation: chat.Operation{By: ann}, CID: cid, Frozen: true}),
		} {
			if chat.CodeOf(err) != chat.Unauthorized {
				t.Errorf("%s: may she %s? %v", when, what, err)
			}
		}
		page, err := e.Users(ctx, chat.UserQuery{Limit: 10})
		must(err)
		for _, u := range page.Items {
			if u.ID == "ann" {
				t.Errorf("%s: she is in the list", when)
			}
		}
	}

	_, err = e.DeactivateUsers(ctx, []string{"ann"}, office.By, false)
	must(err)
	denied("deactivated")
	_, err = e.ReactivateUsers(ctx, []string{"ann"}, office.By, false, nil)
	must(err)
	must(send())
	_, err = e.DeleteUsers(ctx, store.UserDeletion{IDs: []string{"ann"}, User: chat.DeleteSoft})
	must(err)
	denied("deleted")
	if err := e.SetRole(ctx, chat.SetRole{Operation: office, UserID: "ann", Role: chat.RoleUser}); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("a deleted user got a role: %v", err)
	}
	must(e.RestoreUsers(ctx, []string{"ann"}))
	hard := store.UserDeletion{IDs: []string{"ann"}, User: chat.DeleteHard, Messages: chat.DeleteHard, Conversations: chat.DeleteHard}
	_, err = e.DeleteUsers(ctx, hard)
	must(err)

	page, err := e.Messages(ctx, chat.MessageQuery{CID: cid, Limit: 10})
	must(err)
	said := page.Items[1] // of the clerk, who mentioned her
	if names := said.Mentions; len(names) != 2 || names[0].ID != "bo" || names[1].ID != chat.GhostID || names[1].CreatedAt.IsZero() {
		t.Errorf("mentioned are %+v", names)
	}
	page.Items = slices.Delete(page.Items, 1, 2)
	for _, m := range page.Items {
		if m.Text != "" || m.DeletedAt.IsZero() || m.Sender.ID != chat.GhostID {
			t.Errorf("left of a message: %+v", m)
		}
	}
	members, err := e.Members(ctx, chat.MemberQuery{CID: cid, Limit: 10})
	must(err)
	if len(page.Items) != 2 || len(members.Items) != 0 {
		t.Errorf("%d messages and %d members are left", len(page.Items), len(members.Items))
	}
}
