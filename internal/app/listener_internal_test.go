package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serveCrowd serves on n connections: GET answers at once, POST reads the body.
func serveCrowd(t *testing.T, n int, first, whole time.Duration) (addr string) {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, IdleTimeout: time.Minute, Handler: withBodyTime(first, whole,
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, "too late", http.StatusRequestTimeout)
				return
			}
			_, _ = fmt.Fprintf(w, "%d bytes", len(text))
		}))}
	l := limited(tcp.(*net.TCPListener), n, server)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return tcp.Addr().String()
}

func dialAndSend(t *testing.T, addr, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func wantAnswer(t *testing.T, c net.Conn, status string) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, status) {
		t.Errorf("got %q %v, want %s", line, err, status)
	}
}

// If clients leave requests unfinished on all connections, another client is still served.
func TestNobodyTakesEveryConnection(t *testing.T) {
	t.Parallel()
	const slots = 20
	for what, half := range map[string]string{
		"nothing sent":                "",
		"half a header":               "POST / HTTP/1.1\r\nHost:",
		"a header without its body":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
		"half a body":                 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
		"half a body in chunks":       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
		"an answer, and then silence": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			addr := serveCrowd(t, slots, time.Minute, time.Minute)
			for range 3 * slots {
				dialAndSend(t, addr, half)
			}
			wantAnswer(t, dialAndSend(t, addr, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "200")
			wantAnswer(t, dialAndSend(t, addr, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"), "200")
		})
	}
}

func TestBodiesHaveTheirTime(t *testing.T) {
	t.Parallel()
	const post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
	t.Run("to begin", func(t *testing.T) {
		t.Parallel()
		wantAnswer(t, dialAndSend(t, serveCrowd(t, 5, 20*time.Millisecond, time.Minute), post), "408")
	})
	t.Run("as a whole", func(t *testing.T) {
		t.Parallel()
		wantAnswer(t, dialAndSend(t, serveCrowd(t, 5, time.Minute, 20*time.Millisecond), post+"h"), "408")
	})
	t.Run("and no less", func(t *testing.T) {
		t.Parallel()
		c := dialAndSend(t, serveCrowd(t, 5, 50*time.Millisecond, time.Minute), post+"h")
		time.Sleep(100 * time.Millisecond) // longer than it had to begin
		if _, err := io.WriteString(c, "i"); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, c, "200")
	})
}
