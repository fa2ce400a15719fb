// Package natstest runs NATS for tests, as a process that can be killed and started again.
// The program is built from the module that tools/go.mod pins; ours doesn't contain it.
package natstest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long NATS may take to start, on a busy machine.
const patience = time.Minute

// Server is a NATS server.
type Server struct {
	Addr string // HOST:PORT

	t       testing.TB
	config  string
	cmd     *exec.Cmd // nil while it isn't running
	release func()    // stops its guard
}

// URL is the server's address for a client that needs nothing else.
func (s *Server) URL() string { return "nats://" + s.Addr }

// Open starts a server that ends with the test. The configuration has the syntax of NATS's
// configuration files; it may be empty.
func Open(t testing.TB, config string) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, Addr: l.Addr().String(), config: filepath.Join(t.TempDir(), "nats.conf")}
	_ = l.Close()
	text := fmt.Sprintf("listen: %q\n%s\n", s.Addr, config)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Program returns the path of the program. It builds the program if needed.
var Program = sync.OnceValues(func() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "tool", "-n", "-modfile=tools/go.mod", "nats-server")
	build.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
	path, err := build.Output()
	return strings.TrimSpace(string(path)), err
})

// Start starts the server again, and waits until it accepts connections.
func (s *Server) Start() {
	s.t.Helper()
	path, err := Program()
	if err != nil {
		s.t.Fatalf("building NATS: %v", err)
	}
	s.cmd = exec.Command(path, "-c", s.config)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.guard()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.Addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("NATS doesn't accept connections: %v", err)
		}
	}
}

// guard makes the server end with this process, even if that is killed: its input ends then.
func (s *Server) guard() {
	s.t.Helper()
	guard := exec.Command("/bin/sh", "-c", "cat; kill -9 $0 2>/dev/null", strconv.Itoa(s.cmd.Process.Pid))
	line, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.release = func() {
		_ = line.Close()
		_ = guard.Wait()
	}
}

// Kill kills the server.
func (s *Server) Kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		s.release() // before another process can get its id
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Signal sends a signal to the server's process, e.g. to suspend it.
func (s *Server) Signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}
