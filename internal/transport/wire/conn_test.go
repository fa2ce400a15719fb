package wire

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

var testLimits = Limits{
	Frames: 200, Bytes: 1 << 20, WriteTime: 300 * time.Millisecond, CloseTime: 2 * time.Second, Buffer: 16 << 10,
}

// pair is both ends of a WebSocket. The server's end is read until it is gone,
// which is when done is closed.
func pair(t *testing.T, limits Limits) (conn *Conn, client *net.TCPConn, done chan struct{}) {
	t.Helper()
	opened := make(chan *Conn, 1)
	done = make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := Upgrade(w, r, "", &limits)
		if err != nil {
			t.Error(err)
			return
		}
		opened <- c
		go func() {
			defer close(done)
			for {
				if _, _, err := c.Read(upTo(limit)); err != nil {
					c.Abort()
					return
				}
			}
		}()
	}))
	t.Cleanup(server.Close)
	c, early, _, err := (&ws.Dialer{}).Dial(t.Context(), "ws://"+server.Listener.Addr().String())
	if err != nil || early != nil {
		t.Fatal(early, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return <-opened, c.(*net.TCPConn), done
}

func text(s string) Item { return Item{Op: ws.OpText, Body: []byte(s)} }

// rest reads all frames until the connection ends: the texts, and how it was
// closed.
func rest(t *testing.T, c net.Conn) (texts []string, code ws.StatusCode) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		f, err := ws.ReadFrame(c) //nolint:staticcheck // the frames are our own
		if err != nil {
			return texts, code
		}
		switch f.Header.OpCode {
		case ws.OpText:
			texts = append(texts, string(f.Payload))
		case ws.OpClose:
			code, _ = ws.ParseCloseFrameData(f.Payload)
		}
	}
}

// Items sent concurrently arrive whole, and in order for each sender.
func TestSendersDoNotMix(t *testing.T) {
	limits := testLimits
	limits.Frames = 100_000
	conn, client, done := pair(t, limits)
	const senders, each = 8, 300
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				conn.Send(text(fmt.Sprintf("%d %d", s, i)), text("+"))
			}
		})
	}
	go func() {
		all.Wait()
		conn.Close(ws.StatusNormalClosure, "")
	}()
	texts, code := rest(t, client)
	if len(texts) != 2*senders*each || code != ws.StatusNormalClosure {
		t.Fatalf("%d texts, then %d", len(texts), code)
	}
	next := map[int]int{}
	for i := 0; i < len(texts); i += 2 {
		var s, n int
		if _, err := fmt.Sscan(texts[i], &s, &n); err != nil || n != next[s] || texts[i+1] != "+" {
			t.Fatalf("%q, then %q: %v", texts[i], texts[i+1], err)
		}
		next[s]++
	}
	_ = client.Close()
	<-done
}

// A peer that doesn't read delays no sender. It is dropped in time, and gets the reason
// after what it had not read, in whole frames.
func TestStalledPeer(t *testing.T) {
	for name, frames := range map[string]int{"its time runs out": 1 << 30, "its queue runs over": 50} {
		t.Run(name, func(t *testing.T) {
			limits := testLimits
			limits.Frames, limits.Bytes, limits.WriteTime, limits.CloseTime = frames, 1<<30, 3*time.Second, time.Minute
			var slow atomic.Int32
			limits.Slow = func() { slow.Add(1) }
			conn, client, done := pair(t, limits)
			_ = client.SetReadBuffer(4 << 10)
			body := bytes.Repeat([]byte("x"), 2_000)
			start, longest := time.Now(), time.Duration(0)
			for {
				before := time.Now()
				open := conn.Send(Item{Op: ws.OpText, Body: body})
				longest = max(longest, time.Since(before))
				if !open {
					break
				}
				time.Sleep(time.Millisecond)
			}
			// A sender that waited for the peer would wait that long.
			if took := time.Since(start); took > 10*limits.WriteTime || longest > limits.WriteTime*2/3 {
				t.Errorf("it took %v, one sending %v", took, longest)
			}
			texts, code := rest(t, client)
			for _, s := range texts {
				if len(s) != len(body) {
					t.Fatalf("a text of %d bytes", len(s))
				}
			}
			if code != TooSlow || len(texts) == 0 || slow.Load() != 1 {
				t.Errorf("%d texts, closed with %d, counted as slow %d times", len(texts), code, slow.Load())
			}
			_ = client.Close()
			<-done
		})
	}
}

// A peer that pauses for a shorter time loses nothing.
func TestPausingPeer(t *testing.T) {
	limits := testLimits
	limits.Frames, limits.WriteTime = 100_000, time.Minute
	conn, client, done := pair(t, limits)
	const sent = 2_000
	for i := range sent {
		if !conn.Send(text(fmt.Sprintf("%0500d", i))) {
			t.Fatal("it was dropped")
		}
	}
	time.Sleep(100 * time.Millisecond)
	go conn.Close(ws.StatusNormalClosure, "")
	texts, _ := rest(t, client)
	for i, s := range texts {
		if s != fmt.Sprintf("%0500d", i) {
			t.Fatalf("text %d is %s", i, s)
		}
	}
	if len(texts) != sent {
		t.Errorf("%d texts of %d", len(texts), sent)
	}
	_ = client.Close()
	<-done
}

// Events of a stream come as they are named, and it ends when it is closed.
func TestStream(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Stream(w, r, &testLimits)
		if err != nil {
			t.Error(err)
			return
		}
		go c.Discard()
		c.Send(Item{Prefix: "next", Seq: 7, Body: []byte("{}")}, Item{Body: []byte(":\n\n")})
		c.Close(0, "")
	}))
	t.Cleanup(server.Close)
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if want := ":\n\nevent: next\nid: 7\ndata: {}\n\n:\n\n"; err != nil || string(all) != want {
		t.Errorf("got %q, %v", all, err)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
		t.Errorf("the content type is %q", got)
	}
}
