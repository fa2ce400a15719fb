package chattest

import (
	"context"
	"sync"
	"testing"

	"backchannel/internal/chat"
)

func keyed(who chat.Actor, name, key, digest string) chat.Operation {
	return chat.Operation{By: who, Name: name, Key: key, Digest: digest}
}

func repeatingOperations(t *testing.T, f *fixture) {
	f.put(news, "News")
	send := func(op chat.Operation, cid chat.CID) (string, error) {
		return f.SendMessage(f.ctx(), chat.SendMessage{Operation: op, Message: chat.Message{Sender: op.By.User(), CID: cid, Text: "once"}})
	}
	id, err := send(keyed(clerk, "send", "k", "d"), news)
	f.ok(err)
	again, err := send(keyed(clerk, "send", "k", "d"), news)
	f.ok(err)
	if id != again || len(f.history(news)) != 1 {
		t.Errorf("a repeat answered %s after %s and there are %d messages", again, id, len(f.history(news)))
	}
	_, err = send(keyed(clerk, "send", "k", "other"), news)
	f.fails(err, chat.Conflict)
	_, err = send(keyed(clerk, "rename", "k", "d"), news)
	f.fails(err, chat.Conflict)
	_, err = send(keyed(chat.Actor{ID: "other", BackOffice: true}, "send", "k", "other"), news)
	f.ok(err)
	if n := len(f.history(news)); n != 2 {
		t.Errorf("there are %d messages, want one of each caller", n)
	}

	later := chat.CID{Type: chat.Team, ID: "later"}
	_, err = send(keyed(clerk, "send", "k2", "d"), later)
	refusal := f.fails(err, chat.NotFound)
	f.put(later, "Later")
	_, err = send(keyed(clerk, "send", "k2", "d"), later)
	if repeat := f.fails(err, chat.NotFound); repeat.Message != refusal.Message || repeat.Field != refusal.Field {
		t.Errorf("the repeat of a refusal says %v, first it was %v", repeat, refusal)
	}

	create := chat.CreateChannel{Operation: keyed(clerk, "create", "k3", "d"), Type: chat.Livestream, Name: "Sale", WantID: "sale"}
	for range 3 {
		cid, err := f.CreateChannel(f.ctx(), create)
		f.ok(err)
		if cid.String() != "livestream:sale" {
			t.Errorf("a repeated creation gave %s", cid)
		}
	}
}

func repeatingAtOnce(t *testing.T, f *fixture) {
	f.put(news, "News")
	ids := make([]string, 20)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			id, err := f.SendMessage(f.ctx(), chat.SendMessage{
				Operation: keyed(clerk, "send", "same", "d"), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "once"}})
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wg.Wait()
	list := f.history(news)
	if len(list) != 1 {
		t.Fatalf("%d messages were sent, want 1", len(list))
	}
	for _, id := range ids {
		if id != list[0].ID {
			t.Errorf("a repeat answered %s, want %s", id, list[0].ID)
		}
	}
}

func givingUp(t *testing.T, f *fixture) {
	f.put(news, "News")
	ctx, cancel := context.WithCancel(f.ctx())
	cancel()
	_, err := f.SendMessage(ctx, chat.SendMessage{Operation: by(clerk), Message: chat.Message{Sender: clerk.User(), CID: news, Text: "too late"}})
	f.fails(err, chat.Unavailable)
	if n := len(f.history(news)); n != 0 {
		t.Errorf("a caller that had gone sent %d messages", n)
	}
	_, err = f.AllChannels(ctx)
	f.fails(err, chat.Unavailable)
}
