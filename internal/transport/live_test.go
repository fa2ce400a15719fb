package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/logtest"
	"backchannel/internal/transport"
)

// live is a server that live clients can dial.
type live struct {
	*apitest.Server
	server *transport.Server
	host   string
}

// openLive starts a server whose limits may be changed first.
func openLive(t testing.TB, change func(*transport.LiveLimits)) *live {
	t.Helper()
	return openLiveWith(t, transport.Options{}, change)
}

func openLiveWith(t testing.TB, o transport.Options, change func(*transport.LiveLimits)) *live {
	t.Helper()
	l := &live{Server: &apitest.Server{TB: t, Provider: apitest.NewEngine(t), Logged: &logtest.Log{}}}
	l.start(o, change)
	return l
}

// start starts the server, also again after a shutdown.
func (l *live) start(o transport.Options, change func(*transport.LiveLimits)) {
	l.Helper()
	o.Desk = desk.New(desk.Options{Provider: l.Provider, Mint: func(userID string, ttl time.Duration) (string, error) {
		return auth.Mint(apitest.Secret, auth.Grant{Subject: userID, TTL: ttl})
	}})
	o.Verifier = apitest.NewVerifier(l)
	o.Logger = slog.New(slog.NewJSONHandler(l.Logged, nil))
	l.server = graph.New(o)
	if change != nil {
		change(l.server.Limits())
	}
	web := httptest.NewServer(l.server)
	l.Cleanup(func() {
		l.stop()
		web.Close()
	})
	l.host = web.Listener.Addr().String()
	l.URL = web.URL + "/graphql"
	l.Token = apitest.Mint(l, auth.Grant{Subject: "alice", Name: "Alice", Roles: []string{"BO"}})
}

// stop shuts down the connections and checks that nothing of them is left.
func (l *live) stop() {
	l.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		l.Errorf("shutting down: %v", err)
	}
}

// socket is a WebSocket client.
type socket struct {
	testing.TB
	net.Conn
}

// dial opens a socket with the subprotocol.
func (l *live) dial(header http.Header, protocols ...string) *socket {
	l.Helper()
	if protocols == nil {
		protocols = []string{transport.Subprotocol}
	}
	s, err := l.tryDial(header, protocols...)
	if err != nil {
		l.Fatal(err)
	}
	return s
}

func (l *live) tryDial(header http.Header, protocols ...string) (*socket, error) {
	d := ws.Dialer{Header: ws.HandshakeHeaderHTTP(header), ReadBufferSize: 64}
	if protocols[0] != "" {
		d.Protocols = protocols
	}
	c, early, _, err := d.Dial(context.Background(), "ws://"+l.host+"/graphql")
	if err != nil {
		return nil, err
	}
	if early != nil {
		c = &earlyConn{Conn: c, early: early}
	}
	s := &socket{TB: l.TB, Conn: c}
	l.Cleanup(func() { _ = c.Close() })
	return s, nil
}

type earlyConn struct {
	net.Conn
	early interface{ Read([]byte) (int, error) }
}

func (c *earlyConn) Read(p []byte) (int, error) {
	if b, ok := c.early.(interface{ Buffered() int }); ok && b.Buffered() > 0 {
		return c.early.Read(p)
	}
	return c.Conn.Read(p)
}

// greet opens a socket and has it acknowledged.
func (l *live) greet(token string) *socket {
	l.Helper()
	s := l.dial(nil)
	s.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
	s.want(`{"type":"connection_ack"}`)
	return s
}

func (s *socket) send(text string) {
	s.Helper()
	if err := wsutil.WriteClientText(s.Conn, []byte(text)); err != nil {
		s.Fatal(err)
	}
}

// subscribe asks for an operation.
func (s *socket) subscribe(id, query string, variables any) {
	s.Helper()
	text, err := json.Marshal(map[string]any{"id": id, "type": "subscribe",
		"payload": map[string]any{"query": query, "variables": variables}})
	if err != nil {
		s.Fatal(err)
	}
	s.send(string(text))
}

// next reads a message, or says how the connection ended.
func (s *socket) next() (string, error) {
	_ = s.SetReadDeadline(time.Now().Add(patience))
	text, _, err := wsutil.ReadServerData(s.Conn)
	return string(text), err
}

func (s *socket) want(text string) {
	s.Helper()
	if got, err := s.next(); err != nil || got != text {
		s.Fatalf("got %s %v, want %s", got, err, text)
	}
}

// event reads a message and takes it apart.
func (s *socket) event() wireEvent {
	s.Helper()
	text, err := s.next()
	if err != nil {
		s.Fatal(err)
	}
	return parseEvent(s, text)
}

func parseEvent(t testing.TB, text string) wireEvent {
	t.Helper()
	e := wireEvent{Text: text}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if e.Type == "next" {
		var payload struct {
			Data   map[string]wireFields
			Errors []apitest.ReplyError
		}
		if err := json.Unmarshal(e.Payload, &payload); err == nil {
			for _, fields := range payload.Data {
				e.Event = fields
			}
			e.Errors = payload.Errors
		}
	}
	if e.Type == "error" {
		if err := json.Unmarshal(e.Payload, &e.Errors); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	return e
}

type wireEvent struct {
	Text     string
	ID, Type string
	Payload  json.RawMessage
	Event    wireFields           `json:"-"`
	Errors   []apitest.ReplyError `json:"-"`
}

type wireFields struct {
	Seq     int64
	Type    string
	Cid     string
	User    struct{ ID string }
	Message *struct{ Text string }
	Online  *bool
}

func (e wireEvent) Code() string {
	if len(e.Errors) == 0 {
		return ""
	}
	return e.Errors[0].Code()
}

// wantClose reads on until the connection ends, with a code.
func (s *socket) wantClose(code ws.StatusCode) {
	s.Helper()
	_ = s.SetReadDeadline(time.Now().Add(patience))
	for {
		h, err := ws.ReadHeader(s.Conn)
		payload := make([]byte, h.Length)
		if err == nil {
			_, err = io.ReadFull(s.Conn, payload)
		}
		if err != nil {
			s.Errorf("ended with %v, want a close with %d", err, code)
			return
		}
		if h.OpCode == ws.OpClose {
			if got, reason := ws.ParseCloseFrameData(payload); got != code {
				s.Errorf("closed with %d %q, want %d", got, reason, code)
			}
			return
		}
	}
}

const channelEvents = `subscription($cid:String!,$after:Seq){channelEvents(cid:$cid,after:$after){seq type message{text} user{id} online}}`

// listen subscribes to a channel, and returns when the subscription is in force.
func (s *socket) listen(l *live, id, cid string, after any) {
	s.Helper()
	before := l.members()
	s.subscribe(id, channelEvents, map[string]any{"cid": cid, "after": after})
	eventually(s, func() bool { return l.members() > before })
}

// members counts the subscriptions that are in a group.
func (l *live) members() int { return l.server.Members() }

// patience is how long an expected event may take: far longer than on a busy machine, so
// that it never happens if it takes longer.
const patience = 2 * time.Minute

func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen in time")
		}
	}
}

func TestSocket(t *testing.T) {
	l := openLive(t, nil)
	cid := l.Channel("news")
	s := l.greet(l.Token)
	s.listen(l, "a", cid, nil)
	for i := range 3 {
		l.Say(cid, fmt.Sprint("hello ", i))
		e := s.event()
		if e.ID != "a" || e.Type != "next" || e.Event.Type != "message.new" || e.Event.Message.Text != fmt.Sprint("hello ", i) {
			t.Fatalf("got %s", e.Text)
		}
	}
}
