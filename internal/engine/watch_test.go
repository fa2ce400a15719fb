package engine_test

import (
	"testing"
	"time"

	"backchannel/internal/chat"
)

// The feeds of one server have what another server on the same database writes.
func TestFeedsOfAnotherServer(t *testing.T) {
	where := inFolder(t)
	here, there := open(t, where), open(t, where)
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	if err := there.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}); err != nil {
		t.Fatal(err)
	}
	users := []chat.UserChange{{ID: "anna", Name: "Anna", Role: chat.RoleModerator}}
	if _, err := there.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: clerk, Users: users}); err != nil {
		t.Fatal(err)
	}
	feed, err := here.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	wait := func(what chat.EventType) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
			list, err := feed.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				if e.Type == what {
					return
				}
			}
		}
		t.Fatalf("%s didn't come", what)
	}
	send := chat.SendMessage{Operation: clerk, Message: chat.Message{Sender: clerk.By.User(), CID: cid, Text: "from there"}}
	if _, err := there.SendMessage(t.Context(), send); err != nil {
		t.Fatal(err)
	}
	wait(chat.MessageNew)
	if err := there.SetRole(t.Context(), chat.SetRole{Operation: clerk, UserID: "anna", Role: chat.RoleUser}); err != nil {
		t.Fatal(err)
	}
	wait(chat.AccessChanged)
	if err := there.DeleteChannels(t.Context(), chat.DeleteChannels{Operation: clerk, CIDs: []chat.CID{cid}}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := feed.Next(t.Context()); chat.CodeOf(err) == chat.NotFound {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// What one server revokes, another server on the same database refuses too.
func TestTokensRevokedAtAnotherServer(t *testing.T) {
	where := inFolder(t)
	here, there := open(t, where), open(t, where)
	if before, err := here.TokensAfter(t.Context(), "anna"); err != nil || !before.IsZero() {
		t.Fatalf("at first: %v, %v", before, err)
	}
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	if err := there.RevokeTokens(t.Context(), chat.RevokeTokens{Operation: clerk, UserID: "anna"}); err != nil {
		t.Fatal(err)
	}
	want, err := there.TokensAfter(t.Context(), "anna")
	if err != nil || want.IsZero() {
		t.Fatalf("where it was revoked: %v, %v", want, err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if before, err := here.TokensAfter(t.Context(), "anna"); err != nil {
			t.Fatal(err)
		} else if before.Equal(want) {
			return
		}
	}
	t.Error("the other server doesn't know of it")
}
