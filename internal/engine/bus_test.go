package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/logtest"
	"backchannel/internal/natstest"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
)

// onBus opens an engine on a database and on NATS.
func onBus(t *testing.T, databaseURL string, nats *natstest.Server) (*engine.Engine, *bus.Bus) {
	t.Helper()
	return onSmallBus(t, databaseURL, nats, 0, slog.DiscardHandler)
}

// onSmallBus has the bus drop what arrives beyond so many bytes that wait.
func onSmallBus(t *testing.T, databaseURL string, nats *natstest.Server, pending int, log slog.Handler) (*engine.Engine, *bus.Bus) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: databaseURL})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(log)
	b, err := bus.New(bus.Options{URL: nats.URL(), MaxPending: pending, Database: id, Epoch: s.Hints.Node(), Node: s.Hints.Node(), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Store: s, Bus: b, Logger: logger})
	t.Cleanup(func() {
		e.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, b
}

// next returns the next event of a type.
func next(t *testing.T, f chat.Feed, kind chat.EventType) chat.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		list, err := f.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		if at := slices.IndexFunc(list, func(e chat.Event) bool { return e.Type == kind }); at >= 0 {
			return list[at]
		}
	}
}

// A server that hears the others without a gap reads nothing from the database to deliver
// events: it does so while the database doesn't answer it at all.
func TestBusSparesTheReading(t *testing.T) {
	nats := natstest.Open(t, "")
	database := pgtest.Open(t)
	relay := pgtest.OpenRelay(t, database, 0)
	there, busThere := onBus(t, database, nats)
	here, busHere := onBus(t, relay.URL, nats)
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	if err := there.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !busHere.Hears(there.Store.Hints.Node()) || !busThere.Hears(here.Store.Hints.Node()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the servers don't hear each other")
		}
	}
	feed, err := here.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	own, err := here.SubscribeUser(t.Context(), chat.Actor{ID: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	release := relay.Hold()
	defer release()
	send := func(text string, mentions ...string) string {
		t.Helper()
		m := chat.Message{Sender: clerk.By.User(), CID: cid, Text: text, Mentions: chat.Users(mentions), Custom: map[string]any{"n": "1"}}
		id, err := there.SendMessage(t.Context(), chat.SendMessage{Operation: clerk, Message: m})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	users := []chat.UserChange{{ID: "anna", Name: "Anna", Role: chat.RoleUser}}
	if _, err := there.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: clerk, Users: users}); err != nil {
		t.Fatal(err)
	}
	first := send("from there")
	if e := next(t, feed, chat.MessageNew); e.Message.ID != first || e.Message.Text != "from there" || e.Message.Custom["n"] != "1" {
		t.Errorf("got %+v", e.Message)
	}
	send("with a mention", "anna")
	if e := next(t, feed, chat.MessageNew); len(e.Message.Mentions) != 1 || e.Message.Mentions[0].Name != "Anna" {
		t.Errorf("mentions %+v", e.Message.Mentions)
	}
	if err := there.React(t.Context(), chat.React{Operation: clerk, CID: cid, MessageID: first, Type: "like"}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, feed, chat.ReactionNew); e.Reaction.Type != "like" || e.Message == nil || e.Message.ID != first {
		t.Errorf("got %+v", e)
	}
	edit := chat.EditMessage{Operation: clerk, CID: cid, ID: first, Text: "edited"}
	if err := there.EditMessage(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	if e := next(t, feed, chat.MessageUpdated); e.Message.Text != "edited" {
		t.Errorf("got %+v", e.Message)
	}
	if err := there.Signal(t.Context(), clerk.By, cid, chat.TypingStart); err != nil {
		t.Fatal(err)
	}
	if e := next(t, feed, chat.TypingStart); e.User.ID != "clerk" {
		t.Errorf("%+v is typing", e.User)
	}
	if err := extra.New(there).SendToUser(t.Context(), "anna", "greeting", map[string]any{"word": "hello"}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, own, "greeting"); e.Custom != `{"word":"hello"}` {
		t.Errorf("got %+v", e)
	}
	if err := there.SetRole(t.Context(), chat.SetRole{Operation: clerk, UserID: "anna", Role: chat.RoleModerator}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, feed, chat.AccessChanged); e.User.ID != "anna" {
		t.Errorf("the rights of %q have changed", e.User.ID)
	}
}

// A server that reads too slowly, so that frames for it are dropped, reads on from the log:
// whoever listens there gets each event once and in order.
func TestBusOfASlowReader(t *testing.T) {
	const pending, few, many = 32 << 10, 5, 500
	nats, database := natstest.Open(t, ""), pgtest.Open(t)
	there, _ := onBus(t, database, nats)
	var log logtest.Log
	here, busHere := onSmallBus(t, database, nats, pending, slog.NewTextHandler(&log, nil))
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	if err := there.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !busHere.Hears(there.Store.Hints.Node()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the servers don't hear each other")
		}
	}
	feed, err := here.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	sent := feed.Start
	send := func() {
		t.Helper()
		m := chat.Message{Sender: clerk.By.User(), CID: cid, Text: strings.Repeat("x", 4_000)}
		if _, err := there.SendMessage(t.Context(), chat.SendMessage{Operation: clerk, Message: m}); err != nil {
			t.Fatal(err)
		}
		sent++
	}
	gate := make(chan struct{})
	release := sync.OnceFunc(func() { close(gate) })
	defer release()
	here.Hub.Follow(func(chat.CID, bool) { <-gate }) // it reads no further
	for range many {
		if send(); strings.Contains(log.String(), "slow consumer") {
			break
		}
	}
	if !strings.Contains(log.String(), "slow consumer") {
		t.Fatalf("nothing was dropped of %d messages: %s", many, &log)
	}
	for range few { // of which NATS says nothing
		send()
	}
	release()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for seen := feed.Start; seen < sent; {
		list, err := feed.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d: %v", seen, sent, err)
		}
		for _, e := range list {
			if seen++; e.Seq != seen {
				t.Fatalf("%d came instead of %d", e.Seq, seen)
			}
		}
	}
}

// A user is online as long as one server has a connection of the user's.
func TestPresenceAcrossServers(t *testing.T) {
	nats, database := natstest.Open(t, ""), pgtest.Open(t)
	a, busA := onBus(t, database, nats)
	b, busB := onBus(t, database, nats)
	clerk := chat.Operation{By: chat.Actor{ID: "clerk", BackOffice: true}}
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	anna := chat.Actor{ID: "anna"}
	if err := errors.Join(
		a.PutChannel(t.Context(), chat.PutChannel{Operation: clerk, CID: cid, Name: "Deals"}),
		func() error {
			_, err := a.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: clerk, Users: []chat.UserChange{{ID: "anna", Name: "Anna", Role: chat.RoleUser}}})
			return err
		}(),
		a.ChangeMembers(t.Context(), chat.ChangeMembers{Operation: clerk, CID: cid, Add: []string{"anna"}}),
	); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !busA.Hears(b.Store.Hints.Node()) || !busB.Hears(a.Store.Hints.Node()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the servers don't hear each other")
		}
	}
	feed, err := a.Subscribe(t.Context(), chat.Subscribe{By: clerk.By, CID: cid})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	attend := func(e *engine.Engine) func() {
		t.Helper()
		leave, err := e.Attend(t.Context(), anna, cid)
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	expect := func(what string, online ...bool) {
		t.Helper()
		for _, want := range online {
			if e := next(t, feed, chat.PresenceChanged); e.Online != want || e.User.ID != "anna" {
				t.Errorf("%s: %q is online: %t, want %t", what, e.User.ID, e.Online, want)
			}
		}
	}
	leaveB := attend(b)
	expect("coming to another server", true)
	leaveA := attend(a)
	expect("coming here too", true)
	leaveA()
	expect("leaving here and staying there", false, true)
	leaveB()
	expect("leaving there", false)
}
