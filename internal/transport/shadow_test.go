package transport_test

import (
	"bytes"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/streamapi/extra"
)

// Messages of a shadow-banned user reach nobody else: not when they are sent, edited,
// reacted to or deleted, not subscribers that resume, and not callers that ask for the
// channel's messages.
func TestShadowedMessagesLive(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	e := extra.New(l.Provider.(*engine.Engine))
	tokens := map[string]string{"clerk": l.Token}
	for _, id := range []string{"sender", "other", "moderator"} {
		tokens[id] = l.User(id)
	}
	l.MustAsk(`mutation{setRoleToUsersOnChat(input:{userId:"moderator",role:MODERATOR})}`, nil)
	for _, id := range []string{"behind", "stranger"} {
		tokens[id] = apitest.Mint(l, auth.Grant{Subject: id, Name: id})
	}
	listeners := map[string]*socket{}
	for id, token := range tokens {
		if id != "behind" {
			listeners[id] = l.greet(token)
			listeners[id].listen(l, "1", cid, nil)
		}
	}
	news := chat.CID{Type: chat.Livestream, ID: "news"}
	actor := func(id string) chat.Operation { return chat.Operation{By: chat.Actor{ID: id}, Name: "test"} }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	secret := chat.Message{ID: "secret", CID: news, Text: "between us"}
	secret.Sender.ID = "sender"
	l.Say(cid, "first")
	must(e.Restrict(t.Context(), chat.Restrict{Operation: actor("moderator"), Kind: chat.Shadow, UserID: "sender", CID: news}))
	_, err := e.SendMessage(t.Context(), chat.SendMessage{Operation: chat.Operation{By: chat.Actor{BackOffice: true}}, Message: secret})
	must(err)
	must(e.React(t.Context(), chat.React{Operation: actor("sender"), CID: news, MessageID: "secret", Type: "like"}))
	must(e.EditMessage(t.Context(), chat.EditMessage{Operation: actor("sender"), CID: news, ID: "secret", Text: "still between us"}))
	must(e.DeleteMessage(t.Context(), chat.DeleteMessage{Operation: actor("sender"), CID: news, ID: "secret"}))
	l.Say(cid, "last")

	listeners["behind"] = l.greet(tokens["behind"])
	listeners["behind"].listen(l, "1", cid, 0)
	all := "message.new message.new reaction.new message.updated message.deleted message.new"
	for id, want := range map[string]string{
		"clerk": all, "sender": all,
		"other": "message.new message.new", "moderator": "message.new message.new",
		"stranger": "message.new message.new", "behind": "message.new message.new",
	} {
		var got []string
		for len(got) == 0 || got[len(got)-1] != "last" {
			event := listeners[id].event()
			if strings.HasPrefix(event.Event.Type, "message.") || strings.HasPrefix(event.Event.Type, "reaction.") {
				got = append(got, event.Event.Type)
			}
			if event.Event.Message != nil && event.Event.Message.Text == "last" {
				break
			}
			if want != all && strings.Contains(event.Text, "between") {
				t.Errorf("%s hears %s", id, event.Text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s hears %v, want %s", id, got, want)
		}
	}
	for id, token := range tokens {
		l.Token = token
		got := l.Ask(`query($c:String!){messages(cid:$c){nodes{id sender{id} text}}}`, map[string]any{"c": cid})
		may := id == "clerk" || id == "sender"
		if bytes.Contains([]byte(got.Text), []byte("secret")) != may {
			t.Errorf("%s reads %s", id, got.Text)
		}
	}
}
