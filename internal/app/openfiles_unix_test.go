//go:build unix

package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// The soft limit on open files is raised to the hard one. If that is too low for the
// allowed connections, there are fewer, and the server goes on answering and storing while
// strangers hold as many as they can.
func TestConnectionsFitTheOpenFiles(t *testing.T) {
	t.Parallel()
	cmd := program(t, nil, serveArgs(t.TempDir())...)
	cmd.Args = append([]string{"sh", "-c", `ulimit -Sn 64 && ulimit -Hn 400 && exec "$@"`, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	s := startProgram(t, cmd)
	var warned struct {
		Connections, Live int
		OpenFiles         int `json:"open_files"`
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "ulimit") {
			if err := json.Unmarshal([]byte(line), &warned); err != nil {
				t.Fatal(err)
			}
		}
	}
	if warned.OpenFiles < 399 || warned.OpenFiles > 400 || warned.Connections < 200 || warned.Connections > 390 || warned.Live >= warned.Connections {
		t.Fatalf("the log says %+v:\n%s", warned, s.log)
	}
	var open []net.Conn
	for range warned.Live {
		c, err := s.upgrade(t)
		if err != nil {
			t.Fatalf("after %d of %d live connections: %v", len(open), warned.Live, err)
		}
		open = append(open, c)
	}
	for range warned.Connections - warned.Live - 10 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if c, err := s.upgrade(t); err == nil {
		if h, err := ws.ReadHeader(c); err != nil || h.OpCode != ws.OpClose {
			t.Errorf("one more than %d live connections got %v %v", warned.Live, h, err)
		}
		_ = c.Close()
	}
	for i := range 20 {
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"name": fmt.Sprint("Channel ", i)})
	}
	if status, _ := s.get("/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d", status)
	}
	for _, c := range open {
		_ = c.Close()
	}
	if log := s.log.String(); strings.Contains(log, "too many open files") {
		t.Errorf("the log says\n%s", log)
	}
}

// upgrade opens a WebSocket that says nothing.
func (s *server) upgrade(t *testing.T) (net.Conn, error) {
	t.Helper()
	d := ws.Dialer{Protocols: []string{"graphql-transport-ws"}}
	c, _, _, err := d.Dial(context.Background(), "ws"+strings.TrimPrefix(s.url, "http")+"/graphql")
	return c, err
}
