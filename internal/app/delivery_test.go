package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"backchannel/internal/auth"
)

var deliveryTime = flag.Duration("delivery", 5*time.Second, "how long the delivery test sends")

const (
	viewers          = 200
	deliveryWriters  = 20
	deliveryChannels = 4
)

// TestEachViewerSeesEachEventOnce lets viewers drop, stall, reconnect and resume at random
// while writers send, edit and delete. In the end each viewer, from events that came once
// and in order, must have the state of the database.
func TestEachViewerSeesEachEventOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for c := range deliveryChannels {
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": room(c), "name": room(c)})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var ends [deliveryChannels]atomic.Int64 // where each channel's log ended, 0 while it grows
	all := make([]*viewer, viewers)
	var watching sync.WaitGroup
	for i := range all {
		customer, err := auth.Mint(secret, auth.Grant{Subject: fmt.Sprint("viewer-", i), TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = &viewer{server: s, token: customer, channel: room(i % deliveryChannels), end: &ends[i%deliveryChannels], said: map[string]string{}}
		watching.Go(func() { all[i].watch(ctx) })
	}
	writeForAWhile(t, s)
	for c := range ends {
		var channel struct{ Seq int64 }
		s.must("channel", &channel, `query($cid: String!) { channel(cid: $cid) { seq } }`, map[string]any{"cid": "livestream:" + room(c)})
		ends[c].Store(channel.Seq)
	}
	timer := time.AfterFunc(5*time.Minute, stop)
	watching.Wait()
	timer.Stop()

	events, connections := int64(0), 0
	want := map[string]map[string]string{}
	for c := range deliveryChannels {
		want[room(c)] = s.whatIsSaid(room(c))
	}
	for i, v := range all {
		events, connections = events+v.last, connections+v.connections
		if v.fault != nil {
			t.Errorf("viewer %d: %v", i, v.fault)
		} else if got, saw := fmt.Sprint(want[v.channel]), fmt.Sprint(v.said); got != saw {
			t.Errorf("viewer %d of %s at %d of %d sees %d messages, which differ from the %d of the database",
				i, v.channel, v.last, v.end.Load(), len(v.said), len(want[v.channel]))
		}
	}
	t.Logf("%d viewers saw %d events over %d connections", viewers, events, connections)
	if connections < 3*viewers && *deliveryTime >= time.Minute {
		t.Errorf("there were only %d connections: the viewers hardly ever dropped", connections)
	}
}

func room(c int) string { return fmt.Sprint("room-", c) }

// writeForAWhile makes writers send, edit and delete their own messages.
func writeForAWhile(t *testing.T, s *server) {
	t.Helper()
	until := time.Now().Add(*deliveryTime)
	var writing sync.WaitGroup
	for w := range deliveryWriters {
		writing.Go(func() {
			cid := "livestream:" + room(w%deliveryChannels)
			var ids []string
			for n := 0; time.Now().Before(until); n++ {
				time.Sleep(rand.N(100 * time.Millisecond)) // the load; nothing is waited for
				text := fmt.Sprintf("%d/%d", w, n)
				if len(ids) < 3 || rand.IntN(3) == 0 {
					var sent struct{ Message struct{ ID string } }
					s.must("sendMessage", &sent, `mutation($c: String!, $t: String!) {
						sendMessage(input: {cid: $c, text: $t}) { message { id } } }`, map[string]any{"c": cid, "t": text})
					ids = append(ids, sent.Message.ID)
					continue
				}
				which := rand.IntN(len(ids))
				if rand.IntN(4) == 0 {
					s.must("deleteMessage", &struct{}{}, `mutation($c: String!, $m: String!) {
						deleteMessage(input: {cid: $c, messageId: $m}) { messageId } }`, map[string]any{"c": cid, "m": ids[which]})
					ids = append(ids[:which], ids[which+1:]...)
					continue
				}
				s.must("editMessage", &struct{}{}, `mutation($c: String!, $m: String!, $t: String!) {
					editMessage(input: {cid: $c, messageId: $m, text: $t}) { message { id } } }`,
					map[string]any{"c": cid, "m": ids[which], "t": text})
			}
		})
	}
	writing.Wait()
}

// whatIsSaid is each message's text by its id, as queries return it.
func (s *server) whatIsSaid(channel string) map[string]string {
	s.t.Helper()
	said := map[string]string{}
	for _, m := range everyNode[struct{ ID, Text string }](func(variables map[string]any, page any) {
		variables["cid"] = "livestream:" + channel
		s.must("messages", page, `query($cid: String!, $after: String) { messages(cid: $cid, first: 200, after: $after) {
			nodes { id text } pageInfo { hasNextPage endCursor } } }`, variables)
	}) {
		said[m.ID] = m.Text
	}
	return said
}

// viewer is a customer's app with a bad network.
type viewer struct {
	server      *server
	token       string
	channel     string
	end         *atomic.Int64
	last        int64             // seq of the last event seen
	said        map[string]string // message id → text
	connections int
	fault       error
}

// watch follows the channel to the end of its log, over as many connections as it needs.
func (v *viewer) watch(ctx context.Context) {
	for v.fault == nil && !v.done() {
		if ctx.Err() != nil {
			v.fault = fmt.Errorf("stuck after the seq %d of %d", v.last, v.end.Load())
			return
		}
		v.connections++
		conn, err := v.connect(ctx)
		if err != nil {
			continue
		}
		v.follow(ctx, conn)
		_ = conn.Close()
	}
}

func (v *viewer) done() bool { end := v.end.Load(); return end > 0 && v.last >= end }

const followDocument = `subscription($cid: String!, $after: Seq) { channelEvents(cid: $cid, after: $after) {
	seq type message { id text } } }`

func (v *viewer) connect(ctx context.Context) (net.Conn, error) {
	dialer := ws.Dialer{Protocols: []string{"graphql-transport-ws"}, Timeout: 20 * time.Second}
	conn, buffered, _, err := dialer.Dial(ctx, strings.Replace(v.server.url, "http", "ws", 1)+"/graphql")
	if err != nil {
		return nil, err
	}
	if buffered != nil {
		conn = &bufferedConn{Conn: conn, first: buffered}
	}
	hello := map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": "Bearer " + v.token}}
	subscribe := map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{
		"query": followDocument, "variables": map[string]any{"cid": "livestream:" + v.channel, "after": v.last}}}
	if _, err = v.exchange(conn, hello); err == nil {
		err = v.send(conn, subscribe)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// bufferedConn first reads what came together with the handshake's answer.
type bufferedConn struct {
	net.Conn
	first io.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) {
	if c.first != nil {
		if n, _ := c.first.Read(p); n > 0 {
			return n, nil
		}
		c.first = nil
	}
	return c.Conn.Read(p)
}

func (v *viewer) send(conn net.Conn, message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return wsutil.WriteClientText(conn, text)
}

// exchange sends a message and waits for the answer.
func (v *viewer) exchange(conn net.Conn, message any) ([]byte, error) {
	if err := v.send(conn, message); err != nil {
		return nil, err
	}
	return v.receive(conn)
}

func (v *viewer) receive(conn net.Conn) ([]byte, error) {
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	text, _, err := wsutil.ReadServerData(conn)
	return text, err
}

// follow takes events until the connection ends, or the viewer closes it.
func (v *viewer) follow(ctx context.Context, conn net.Conn) {
	until := time.Now().Add(time.Duration(rand.ExpFloat64() * float64(8*time.Second)))
	for ctx.Err() == nil && !v.done() {
		switch {
		case time.Now().After(until) && !v.ending():
			return // without closing, as in a tunnel
		case rand.IntN(2_000) == 0 && !v.ending():
			time.Sleep(rand.N(3 * time.Second)) // stalls: the kernel's buffers and the server's fill
		}
		text, err := v.receive(conn)
		if err != nil {
			return
		}
		if v.fault = v.take(text); v.fault != nil {
			return
		}
	}
}

func (v *viewer) ending() bool { return v.end.Load() > 0 }

// take applies an event to the viewer's state.
func (v *viewer) take(text []byte) error {
	var m struct {
		Type    string
		Payload json.RawMessage
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("not JSON: %w: %s", err, text)
	}
	if m.Type == "ping" || m.Type == "pong" {
		return nil
	}
	var next struct {
		Data struct {
			ChannelEvents struct {
				Seq     int64
				Type    string
				Message *struct{ ID, Text string }
			}
		}
	}
	if err := json.Unmarshal(m.Payload, &next); m.Type != "next" || err != nil {
		return fmt.Errorf("want a next: %s", text)
	}
	e := next.Data.ChannelEvents
	if e.Seq != v.last+1 {
		return fmt.Errorf("the event %d comes after %d: %s", e.Seq, v.last, bytes.TrimSpace(text))
	}
	v.last = e.Seq
	if e.Message != nil {
		v.said[e.Message.ID] = e.Message.Text
	}
	return nil
}
