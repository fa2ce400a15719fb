package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"backchannel/internal/auth"
	"backchannel/internal/desk"
)

// live is a house with its doors for live clients.
type live struct {
	*house
	server *Server
	host   string
}

// openLive starts a house whose limits may be changed first.
func openLive(t testing.TB, change func(*liveLimits)) *live {
	t.Helper()
	return openLiveWith(t, Options{}, change)
}

func openLiveWith(t testing.TB, o Options, change func(*liveLimits)) *live {
	t.Helper()
	l := &live{house: &house{TB: t, provider: newEngine(t), log: &syncBuffer{}}}
	l.start(o, change)
	return l
}

// start opens the doors, once more after a shutdown.
func (l *live) start(o Options, change func(*liveLimits)) {
	l.Helper()
	o.Desk = desk.New(desk.Options{Provider: l.provider, Mint: func(userID string, ttl time.Duration) (string, error) {
		return auth.Mint(secret, auth.Grant{Subject: userID, TTL: ttl})
	}})
	o.Verifier = newVerifier(l)
	o.Logger = slog.New(slog.NewJSONHandler(l.log, nil))
	l.server = New(o)
	if change != nil {
		change(&l.server.live.limits)
	}
	web := httptest.NewServer(l.server)
	l.Cleanup(func() {
		l.stop()
		web.Close()
	})
	l.host = web.Listener.Addr().String()
	l.url = web.URL + "/graphql"
	l.token = mint(l, auth.Grant{Subject: "alice", Name: "Alice", Roles: []string{"BO"}})
}

// stop shuts the live side down and checks that nothing of it is left.
func (l *live) stop() {
	l.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		l.Errorf("shutting down: %v", err)
	}
}

// mustAsk posts an operation as the back office, which must succeed.
func (l *live) mustAsk(query string, variables any) map[string]any {
	l.Helper()
	got := l.ask(query, variables)
	if len(got.Errors) > 0 {
		l.Fatalf("%s: %s", query, got.text)
	}
	return got.Data
}

func (l *live) channel(id string) string {
	l.Helper()
	l.mustAsk(`mutation($id:String!){createOrUpdateChannel(input:{id:$id,name:$id})}`, map[string]any{"id": id})
	return "livestream:" + id
}

// say posts a message in a channel as the back office.
func (l *live) say(cid, text string) {
	l.Helper()
	l.mustAsk(`mutation($c:String!,$t:String!){sendMessage(input:{cid:$c,text:$t}){message{id}}}`, map[string]any{"c": cid, "t": text})
}

func (l *live) user(id string) string {
	l.Helper()
	l.mustAsk(`mutation($id:String!){upsertChatUsers(input:{users:[{id:$id,name:$id}]}){users{id}}}`, map[string]any{"id": id})
	return mint(l, auth.Grant{Subject: id, Name: id})
}

// socket is a WebSocket client.
type socket struct {
	testing.TB
	net.Conn
}

// dial opens a socket in the subprotocol.
func (l *live) dial(header http.Header, protocols ...string) *socket {
	l.Helper()
	if protocols == nil {
		protocols = []string{subprotocol}
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
	e := wireEvent{text: text}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if e.Type == "next" {
		var payload struct {
			Data   map[string]wireFields
			Errors []replyError
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
	text     string
	ID, Type string
	Payload  json.RawMessage
	Event    wireFields   `json:"-"`
	Errors   []replyError `json:"-"`
}

type wireFields struct {
	Seq     int64
	Type    string
	Cid     string
	User    struct{ ID string }
	Message *struct{ Text string }
	Online  *bool
}

func (e wireEvent) code() string {
	if len(e.Errors) == 0 {
		return ""
	}
	return e.Errors[0].code()
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

// listen subscribes to a channel, and returns once it is heard.
func (s *socket) listen(l *live, id, cid string, after any) {
	s.Helper()
	before := l.members()
	s.subscribe(id, channelEvents, map[string]any{"cid": cid, "after": after})
	eventually(s, func() bool { return l.members() > before })
}

// members counts the subscriptions that are in a group.
func (l *live) members() int { return l.server.groups.Members() }

// patience is how long anything may take that is expected to happen: far longer than
// on a busy machine, so that running out of it means that it never does.
const patience = 2 * time.Minute

func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen in time")
		}
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	all strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

func (b *syncBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all.Reset()
}

func TestSocket(t *testing.T) {
	l := openLive(t, nil)
	cid := l.channel("news")
	s := l.greet(l.token)
	s.listen(l, "a", cid, nil)
	for i := range 3 {
		l.say(cid, fmt.Sprint("hello ", i))
		e := s.event()
		if e.ID != "a" || e.Type != "next" || e.Event.Type != "message.new" || e.Event.Message.Text != fmt.Sprint("hello ", i) {
			t.Fatalf("got %s", e.text)
		}
	}
}
