package webhook_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"backchannel/internal/webhook"
)

func TestAddresses(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.216.34:443": true, "8.8.8.8:80": true, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "127.8.9.1:80": false, "[::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[::127.0.0.1]:80": false,
		"10.0.0.1:80": false, "172.16.9.9:80": false, "192.168.1.1:80": false, "[fd00::1]:80": false, "[::ffff:10.0.0.1]:80": false,
		"169.254.169.254:80": false, "[fe80::1]:80": false, "[fe80::1%eth0]:80": false, "100.64.0.1:80": false,
		"0.0.0.0:80": false, "[::]:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "[ff02::1]:80": false,
		"[64:ff9b::7f00:1]:80": false, "[2002:7f00:1::]:80": false, "[::ffff:0:7f00:1]:80": false, "198.18.0.1:80": false, "nothing": false,
	} {
		if err := webhook.CheckAddress(address); (err == nil) != public {
			t.Errorf("%s: %v, want public %v", address, err, public)
		}
	}
}

// receiver records the calls it receives, and fails the first ones.
type receiver struct {
	*httptest.Server
	told chan string
}

func receive(t *testing.T, failing int) receiver {
	r := receiver{told: make(chan string, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if failing > 0 {
			failing--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		r.told <- req.Header.Get("X-Attempt") + " " + string(body)
	}))
	t.Cleanup(r.Close)
	return r
}

func call(url, body string) webhook.Call {
	return webhook.Call{URL: url, Body: []byte(body), Header: func(attempt int) http.Header {
		return http.Header{"X-Attempt": {strconv.Itoa(attempt)}}
	}}
}

func sender(t *testing.T, o webhook.Options) *webhook.Sender {
	o.Logger, o.Pauses = slog.New(slog.DiscardHandler), []time.Duration{time.Millisecond, time.Millisecond}
	s := webhook.New(o)
	t.Cleanup(s.Close)
	return s
}

func TestCallsComeInOrderAndAgain(t *testing.T) {
	s := sender(t, webhook.Options{Private: true})
	r := receive(t, 2)
	for i := range 20 {
		s.Send(call(r.URL, strconv.Itoa(i)))
	}
	for i := range 20 {
		want := "1 " + strconv.Itoa(i)
		if i == 0 {
			want = "3 0"
		}
		if got := <-r.told; got != want {
			t.Errorf("call %d: %q, want %q", i, got, want)
		}
	}
}

// One that hangs, or is never there, keeps no other address from its calls.
func TestAddressesDoNotWaitForOneAnother(t *testing.T) {
	s := sender(t, webhook.Options{Private: true})
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(hang) })
	r := receive(t, 0)
	for range 3_000 {
		s.Send(call(slow.URL, "x"))
	}
	s.Send(call(r.URL, "here"))
	if got := <-r.told; got != "1 here" {
		t.Errorf("got %q", got)
	}
}

func TestPrivateAddressesAreNotCalled(t *testing.T) {
	s := sender(t, webhook.Options{})
	r := receive(t, 0)
	for _, url := range []string{r.URL, "http://localhost" + r.URL[len("http://127.0.0.1"):]} {
		s.Send(call(url, "x"))
	}
	select {
	case got := <-r.told:
		t.Errorf("a loopback address was told %q", got)
	case <-time.After(200 * time.Millisecond):
	}
}
