package webhook_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"backchannel/internal/webhook"
)

// A redirect is an answer like others outside of 200 to 299. Where it leads isn't called,
// also if that were allowed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var followed atomic.Bool
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	t.Cleanup(inside.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		outside := httptest.NewServer(http.RedirectHandler(inside.URL, status))
		got, err := sender(t, webhook.Options{Private: true}).Try(t.Context(), call(outside.URL, "x"), 1)
		if got != status || err == nil || followed.Load() {
			t.Errorf("%d: %d %v, followed %v", status, got, err, followed.Load())
		}
		outside.Close()
	}
}

// A name that first leads to the internet and then to this machine is looked up for each
// connection, and the address found is checked.
func TestNamesThatChangeTheirAddress(t *testing.T) {
	r := receive(t, 0)
	_, port, _ := net.SplitHostPort(r.Listener.Addr().String())
	url := "http://changing.example:" + port
	var looked atomic.Int64
	answer := func() netip.Addr {
		if looked.Add(1) == 1 {
			return netip.MustParseAddr("203.0.113.1") // public
		}
		return netip.MustParseAddr("127.0.0.1")
	}
	s := sender(t, webhook.Options{Resolver: resolver(answer)})
	for looked.Load() < 2 { // a try that was left shares its lookup with the next one
		short, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := s.Try(short, call(url, "x"), 1)
		if leave(); err == nil {
			t.Fatal("it was called")
		}
	}
	if _, err := s.Try(t.Context(), call(url, "x"), 2); err == nil || !strings.Contains(err.Error(), "may not call") {
		t.Errorf("an address that became private: %v", err)
	}
	select {
	case got := <-r.told:
		t.Errorf("it was told %q", got)
	default:
	}
	allowed := sender(t, webhook.Options{Private: true, Resolver: resolver(answer)})
	if _, err := allowed.Try(t.Context(), call(url, "x"), 1); err != nil || <-r.told != "1 x" {
		t.Errorf("with private addresses allowed: %v", err)
	}
}

// resolver asks a DNS server of the test.
func resolver(answer func() netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveDNS(server, answer)
		return client, nil
	}}
}

// serveDNS answers questions for IPv4 addresses, as DNS does over TCP.
func serveDNS(conn net.Conn, answer func() netip.Addr) {
	defer func() { _ = conn.Close() }()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		text := make([]byte, binary.BigEndian.Uint16(length[:]))
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, text); err != nil || m.Unpack(text) != nil || len(m.Questions) != 1 {
			return
		}
		m.Response, m.Additionals = true, nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: answer().As4()}}}
		}
		packed, err := m.AppendPack([]byte{0, 0})
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(packed, uint16(len(packed)-2))
		if _, err := conn.Write(packed); err != nil {
			return
		}
	}
}
