package transport_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

func TestSocketIsClosed(t *testing.T) {
	const short = 50 * time.Millisecond
	for _, row := range []struct {
		because string
		change  func(*transport.LiveLimits)
		act     func(l *live) *socket
		code    ws.StatusCode
	}{
		{"nobody says hello in time", func(x *transport.LiveLimits) { x.InitTime, x.Sweep = short, short },
			func(l *live) *socket { return l.dial(nil) }, transport.CloseInitTimeout},
		{"the token expires", func(x *transport.LiveLimits) { x.Sweep = short }, func(l *live) *socket {
			return l.greet(apitest.Mint(l, auth.Grant{Subject: "anna", TTL: 5 * time.Second}))
		}, transport.CloseForbidden},
		{"the token is renewed for somebody else", nil, func(l *live) *socket {
			s := l.greet(l.User("anna"))
			s.send(`{"type":"ping","payload":{"authorization":"Bearer ` + l.User("ben") + `"}}`)
			return s
		}, transport.CloseForbidden},
		{"a user has too many connections", func(x *transport.LiveLimits) { x.PerUser = 1 }, func(l *live) *socket {
			anna := l.User("anna")
			l.greet(anna)
			s := l.dial(nil)
			s.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + anna + `"}}`)
			return s
		}, transport.CloseTooMany},
		{"a stranger says too much", nil, func(l *live) *socket {
			s := l.dial(nil)
			s.send(`{"type":"connection_init","payload":{"x":"` + strings.Repeat("x", 100<<10) + `"}}`)
			return s
		}, ws.StatusMessageTooBig},
		{"the server stops", nil, func(l *live) *socket {
			s := l.greet(l.Token)
			go l.stop()
			return s
		}, transport.CloseRestart},
	} {
		t.Run(row.because, func(t *testing.T) {
			t.Parallel()
			row.act(openLive(t, row.change)).wantClose(row.code)
		})
	}
}

func TestTokenIsRenewedOnItsConnection(t *testing.T) {
	t.Parallel()
	const lifetime = 5 * time.Second // enough for a busy machine to renew it in
	l := openLive(t, func(x *transport.LiveLimits) { x.Sweep = 20 * time.Millisecond })
	cid := l.Channel("news")
	s := l.greet(apitest.Mint(l, auth.Grant{Subject: "anna", TTL: lifetime}))
	s.listen(l, "a", cid, nil)
	s.send(`{"type":"ping","payload":{"authorization":"Bearer ` + apitest.Mint(l, auth.Grant{Subject: "anna", TTL: time.Hour}) + `"}}`)
	s.want(`{"type":"pong"}`)
	time.Sleep(lifetime + 100*time.Millisecond) // after the first token has expired, to the second
	l.Say(cid, "still here")
	if e := s.event(); e.Event.Message == nil || e.Event.Message.Text != "still here" {
		t.Errorf("got %s", e.Text)
	}
}

// A peer that vanished doesn't answer pings; the kernel would keep the connection for
// hours.
func TestHalfOpenConnectionIsDropped(t *testing.T) {
	t.Parallel()
	l := openLive(t, func(x *transport.LiveLimits) { x.Ping, x.Sweep = 3*time.Second, 20*time.Millisecond })
	s := l.greet(l.Token)
	s.listen(l, "a", l.Channel("news"), nil)
	eventually(t, func() bool { return l.members() == 0 }) // the test doesn't read, so no pong goes out
}

// A machine that was suspended for a minute heard nobody meanwhile.
func TestConnectionsOutliveAPause(t *testing.T) {
	t.Parallel()
	l := openLive(t, func(x *transport.LiveLimits) { x.Sweep = time.Hour }) // so that only the test sweeps
	s, stranger := l.greet(l.Token), l.dial(nil)
	l.server.StandStill(time.Minute)
	s.subscribe("a", `{__typename}`, nil)
	if e := s.event(); e.Type != "next" {
		t.Errorf("got %s", e.Text)
	}
	stranger.send(`{"type":"ping"}`)
	stranger.want(`{"type":"pong"}`)
}

// Incomplete messages on all connections of a user share a bound. Other users go on.
func TestUnfinishedMessagesOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	l := openLive(t, func(x *transport.LiveLimits) { x.Unfinished = 2 << 20 })
	anna, ben := l.User("anna"), l.User("ben")
	half := ws.MaskFrame(ws.NewFrame(ws.OpText, false, make([]byte, 600<<10)))
	var open []*socket
	for range 3 {
		s := l.greet(anna)
		if err := ws.WriteFrame(s, half); err != nil {
			t.Fatal(err)
		}
		open = append(open, s)
	}
	eventually(t, func() bool { return l.server.Unfinished("anna") >= 3*(600-2*16)<<10 })
	late := l.greet(anna)
	_ = ws.WriteFrame(late, half)
	late.wantClose(transport.CloseTooMany)
	other := l.greet(ben)
	other.subscribe("a", `{__typename} #`+strings.Repeat("x", 900<<10), nil)
	if e := other.event(); e.Type != "next" {
		t.Errorf("another user got %s", e.Text)
	}
	for _, s := range open {
		_ = s.Close()
	}
	eventually(t, func() bool { return l.server.Unfinished("anna") == 0 })
}

func TestOperationsOfAConnectionAreLimited(t *testing.T) {
	l := openLive(t, func(x *transport.LiveLimits) { x.Operations = 1 })
	cid := l.Channel("news")
	s := l.greet(l.Token)
	s.listen(l, "a", cid, nil)
	s.subscribe("b", channelEvents, map[string]any{"cid": cid})
	if e := s.event(); e.ID != "b" || e.Type != "error" || e.Code() != "RATE_LIMITED" {
		t.Errorf("got %s", e.Text)
	}
	s.send(`{"id":"a","type":"complete"}`)
	eventually(t, func() bool { return l.members() == 0 })
	s.listen(l, "b", cid, nil)
}

// A reader that stalls is disconnected within seconds, told to come back, and delays
// nobody.
func TestSlowReaderIsSentAway(t *testing.T) {
	t.Parallel()
	l := openLive(t, func(x *transport.LiveLimits) {
		x.Wire.Frames, x.Wire.Buffer, x.Wire.WriteTime = 128, 64<<10, time.Second
	})
	cid := l.Channel("news")
	slow, quick := l.greet(l.Token), l.greet(l.Token)
	if c, ok := slow.Conn.(*net.TCPConn); ok {
		_ = c.SetReadBuffer(4 << 10)
	}
	slow.listen(l, "slow", cid, nil)
	quick.listen(l, "quick", cid, nil)
	const messages = 250
	var saying sync.WaitGroup
	saying.Go(func() {
		for i := range messages {
			l.Say(cid, fmt.Sprint(i, strings.Repeat(".", 4500)))
		}
	})
	for i := range messages {
		if e := quick.event(); e.Event.Message == nil || !strings.HasPrefix(e.Event.Message.Text, fmt.Sprint(i, ".")) {
			t.Fatalf("the quick reader got %.80s, want the message %d", e.Text, i)
		}
	}
	saying.Wait()
	eventually(t, func() bool { return l.members() == 1 })
	last := int64(0)
	for {
		text, err := slow.next()
		if err != nil {
			break // it was sent away
		}
		last = parseEvent(t, text).Event.Seq
	}
	if last == 0 || last >= messages {
		t.Fatalf("the slow reader saw up to %d of %d", last, messages)
	}
	back := l.greet(l.Token)
	back.subscribe("back", channelEvents, map[string]any{"cid": cid, "after": last})
	for seq := last + 1; seq <= messages; seq++ {
		if e := back.event(); e.Event.Seq != seq {
			t.Fatalf("resumed after %d it got %.80s, want %d", last, e.Text, seq)
		}
	}
}

func TestRestartLosesNothing(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	s := l.greet(l.Token)
	s.listen(l, "a", cid, nil)
	l.Say(cid, "before")
	seen := s.event().Event.Seq
	l.stop()
	s.wantClose(transport.CloseRestart)
	l.start(transport.Options{}, nil)
	l.Say(cid, "meanwhile")
	s = l.greet(l.Token)
	s.subscribe("a", channelEvents, map[string]any{"cid": cid, "after": seen})
	if e := s.event(); e.Event.Seq != seen+1 || e.Event.Message.Text != "meanwhile" {
		t.Errorf("got %s", e.Text)
	}
}

// All subscribers that see a channel alike, wherever they began, are one group: each event
// is rendered once for all.
func TestFollowersAlikeShareAGroup(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	l.Say(cid, "first")
	var sockets []*socket
	for i := range 20 {
		s := l.greet(l.Token)
		after := any(nil)
		if i%2 == 1 {
			after = 0
		}
		s.listen(l, fmt.Sprint("id-", i), cid, after)
		sockets = append(sockets, s)
	}
	l.Say(cid, "second")
	for i, s := range sockets {
		if i%2 == 1 {
			if e := s.event(); e.Event.Message.Text != "first" {
				t.Errorf("%d resumed with %s", i, e.Text)
			}
		}
		if e := s.event(); e.ID != fmt.Sprint("id-", i) || e.Event.Message.Text != "second" {
			t.Errorf("%d got %s", i, e.Text)
		}
	}
	if groups, members := l.server.Groups(), l.server.Members(); groups != 1 || members != len(sockets) {
		t.Errorf("%d members in %d groups", members, groups)
	}
}

// A subscriber that resumes sees the current version of a message, also while others follow
// the channel, whose rendered events are kept for a while.
func TestDeletedTextIsNotReplayed(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	first := l.greet(l.Token)
	first.listen(l, "a", cid, nil)
	l.Say(cid, "secret")
	if e := first.event(); e.Event.Message.Text != "secret" {
		t.Fatalf("got %s", e.Text)
	}
	got := l.Ask(`query($c:String!){messages(cid:$c){nodes{id}}}`, map[string]any{"c": cid})
	_, id, _ := strings.Cut(got.Text, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	l.MustAsk(`mutation($c:String!,$m:String!){deleteMessage(input:{cid:$c,messageId:$m}){messageId}}`, map[string]any{"c": cid, "m": id})
	if e := first.event(); e.Event.Type != "message.deleted" {
		t.Fatalf("got %s", e.Text)
	}
	late := l.greet(l.Token)
	late.subscribe("b", channelEvents, map[string]any{"cid": cid, "after": 0})
	for _, want := range []string{"message.new", "message.deleted"} {
		if e := late.event(); e.Event.Type != want || strings.Contains(e.Text, "secret") {
			t.Errorf("got %s, want %s", e.Text, want)
		}
	}
}
