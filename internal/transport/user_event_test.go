package transport_test

import (
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/streamapi/extra"
)

const userEvents = `subscription{userEvents{type custom}}`

// Events sent to a user reach all connections of that user and nobody else's, not even the
// back office's, though all ask for the same.
func TestEventsSentToAUser(t *testing.T) {
	l := openLive(t, nil)
	e := extra.New(l.Provider.(*engine.Engine))
	listen := func(token string) *socket {
		s := l.greet(token)
		before := l.members()
		s.subscribe("1", userEvents, nil)
		eventually(t, func() bool { return l.members() > before })
		return s
	}
	ann, bob := l.User("ann"), l.User("bob")
	l.User("alice")
	listeners := map[string][]*socket{"ann": {listen(ann), listen(ann)}, "bob": {listen(bob)}, "alice": {listen(l.Token)}}
	send := func(user string, kind chat.EventType, custom map[string]any) {
		t.Helper()
		if err := e.SendToUser(t.Context(), user, kind, custom); err != nil {
			t.Fatal(err)
		}
	}
	send("ann", "friend", map[string]any{"from": "bob", "n": 1})
	for user := range listeners {
		send(user, "end-"+chat.EventType(user), nil)
	}
	for user, all := range listeners {
		for _, s := range all {
			if user == "ann" {
				s.want(`{"id":"1","type":"next","payload":{"data":{"userEvents":{"type":"friend","custom":"{\"from\":\"bob\",\"n\":1}"}}}}`)
			}
			s.want(`{"id":"1","type":"next","payload":{"data":{"userEvents":{"type":"end-` + user + `","custom":"{}"}}}}`)
		}
	}
	gone, err := e.DeactivateUsers(t.Context(), []string{"bob"}, chat.Actor{BackOffice: true}, false)
	if err != nil {
		t.Fatal(err, gone)
	}
	if got := listeners["bob"][0].event(); got.Code() != string(chat.Unauthorized) {
		t.Errorf("deactivated, bob hears %s", got.Text)
	}
	s := l.greet(bob)
	s.subscribe("1", userEvents, nil)
	if got := s.event(); got.Code() != string(chat.Unauthorized) {
		t.Errorf("deactivated, bob subscribes to %s", got.Text)
	}
}

func TestEventsOfOnesOwnInAChannel(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	e := extra.New(l.Provider.(*engine.Engine))
	s := l.greet(l.User("ann"))
	before := l.members()
	s.subscribe("1", `subscription($c:String!){channelEvents(cid:$c){type custom user{id name} message{id}}}`, map[string]any{"c": cid})
	eventually(t, func() bool { return l.members() > before })
	news := chat.CID{Type: chat.Livestream, ID: "news"}
	if err := e.SendToChannel(t.Context(), chat.Actor{ID: "ann"}, news, "wave", map[string]any{"hand": "left"}); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"1","type":"next","payload":{"data":{"channelEvents":{"type":"wave","custom":"{\"hand\":\"left\"}","user":{"id":"ann","name":"ann"},"message":null}}}}`
	for {
		got, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		if parseEvent(t, got).Event.Type != "" {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
