package engine_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/setup"
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

// What one server revokes, another server on the same database refuses at the very next
// action, and within a second in what it keeps in memory.
func TestTokensRevokedAtAnotherServer(t *testing.T) {
	where := inFolder(t)
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Livestream, ID: "news"}
	for way, revoke := range map[string]func(e *engine.Engine) error{
		"a user's": func(e *engine.Engine) error {
			return e.RevokeTokens(t.Context(), chat.RevokeTokens{Operation: clerk, UserID: "anna"})
		},
		"the app's": func(e *engine.Engine) error {
			return setup.New(e).ChangeApp(t.Context(), func(a *chat.App) error {
				a.TokensAfter = e.Now()
				return nil
			})
		},
	} {
		t.Run(way, func(t *testing.T) {
			here, there := open(t, where), open(t, where)
			if err := there.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "News"}); err != nil {
				t.Fatal(err)
			}
			issued := here.Now()
			send := func() error {
				by := chat.Actor{ID: "anna"}
				_, err := here.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: by, Issued: &issued},
					Message: chat.Message{Sender: by.User(), CID: cid, Text: "hello"}})
				return err
			}
			if err := send(); err != nil {
				t.Fatal(err)
			}
			if limits, err := here.KeptTokenLimits(t.Context(), "anna"); err != nil || limits.Check(issued, false) != nil {
				t.Fatalf("at first: %v, %v", limits, err)
			}
			if err := revoke(there); err != nil {
				t.Fatal(err)
			}
			if err := send(); chat.CodeOf(err) != chat.Unauthorized {
				t.Errorf("a message after that: %v", err)
			}
			if limits, err := here.TokenLimits(t.Context(), "anna"); err != nil || limits.Check(issued, true) == nil {
				t.Errorf("after that: %v, %v", limits, err)
			}
			for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
				if limits, err := here.KeptTokenLimits(t.Context(), "anna"); err != nil {
					t.Fatal(err)
				} else if limits.Check(issued, true) != nil {
					return
				}
			}
			t.Error("the other server's memory doesn't know of it")
		})
	}
}

// On PostgreSQL servers tell each other: an event of another server comes within
// milliseconds, long before anybody looks. New messages that fit come with the hint, also
// while the database answers nothing else.
func TestFeedsOfAnotherServerOnPostgreSQL(t *testing.T) {
	url := pgtest.Open(t)
	relay := pgtest.OpenRelay(t, url, 0)
	here, there := open(t, sqlstore.Options{URL: relay.URL, ListenURL: url}), open(t, sqlstore.Options{URL: url})
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	if err := there.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}); err != nil {
		t.Fatal(err)
	}
	feed, err := here.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	const messages = 40
	var late []time.Duration
	for range messages {
		begin := time.Now()
		send := chat.SendMessage{Operation: clerk, Message: chat.Message{Sender: clerk.By.User(), CID: cid, Text: "from there"}}
		if _, err := there.SendMessage(t.Context(), send); err != nil {
			t.Fatal(err)
		}
		list, err := feed.Next(t.Context())
		if err != nil || len(list) == 0 {
			t.Fatalf("got %v, %v", list, err)
		}
		late = append(late, time.Since(begin))
	}
	slices.Sort(late)
	if median := late[messages/2]; median > 250*time.Millisecond {
		t.Errorf("half of the messages took %v or more, the sending included", median)
	}
	t.Logf("with the sending: median %v, most %v", late[messages/2], late[messages-1])

	release := sync.OnceFunc(relay.Hold())
	defer release()
	for _, text := range []string{"read by nobody", strings.Repeat("Too long for a hint. ", 200) + strings.Repeat("ж", 700)} {
		begin := time.Now()
		if len(text) > 1_000 {
			release()
		}
		send := chat.SendMessage{Operation: clerk, Message: chat.Message{Sender: clerk.By.User(), CID: cid, Text: text, Custom: map[string]any{"n": "1"}}}
		id, err := there.SendMessage(t.Context(), send)
		if err != nil {
			t.Fatal(err)
		}
		if e := next(t, feed, chat.MessageNew); e.Message.ID != id || e.Message.Text != text || e.Message.Custom["n"] != "1" || e.User.ID != "clerk" {
			t.Errorf("got %+v", e)
		}
		t.Logf("%d bytes: %v", len(text), time.Since(begin))
	}
}
