package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/app"
	"backchannel/internal/logtest"
)

// childVariable makes this test binary the program itself, so that tests drive, stop and
// kill it in a process of its own.
const childVariable = "BACKCHANNEL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(app.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil { // they wait more than they work
		panic(err)
	}
	os.Exit(m.Run())
}

// program is a process with these arguments that isn't started yet. Its environment is only
// env.
func program(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self, args...) // a server is stopped after its test
	cmd.Env = append([]string{childVariable + "=1", "PATH=" + os.Getenv("PATH")}, env...)
	return cmd
}

// patience is how long a process or an answer may take: far longer than on a busy machine.
const patience = 2 * time.Minute

// run runs a command to its end.
func run(t testing.TB, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := program(t, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

const secret = "a secret of the tests, long enough to be one"

// server is a running program.
type server struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string
	token  string
	out    *logtest.Log // what it printed
	log    *logtest.Log
	reader sync.WaitGroup
}

// start starts a server on a free port and waits until it serves. It is killed
// when the test ends, if it still runs.
func start(t testing.TB, data string, args ...string) *server {
	t.Helper()
	return startProgram(t, program(t, nil, serveArgs(data, args...)...))
}

func serveArgs(data string, more ...string) []string {
	return append([]string{"serve", "--addr", "127.0.0.1:0", "--data", data, "--jwt-secret", secret, "--log-format", "json"}, more...)
}

func startProgram(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, out: &logtest.Log{}, log: &logtest.Log{}}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	addr := make(chan string, 1)
	s.reader.Go(func() { s.read(stdout, s.out, nil) })
	s.reader.Go(func() { s.read(stderr, s.log, addr) })
	select {
	case a, ok := <-addr:
		if !ok {
			t.Fatalf("the server ended: %s", s.log)
		}
		s.url = "http://" + a
	case <-time.After(patience):
		t.Fatalf("the server didn't start: %s", s.log)
	}
	s.token = token(t, "clerk", "BO")
	return s
}

func (s *server) read(from io.Reader, to *logtest.Log, addr chan<- string) {
	if addr != nil {
		defer close(addr)
	}
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		_, _ = fmt.Fprintln(to, scanner.Text())
		var entry struct{ Msg, Addr string }
		if addr != nil && json.Unmarshal(scanner.Bytes(), &entry) == nil && entry.Msg == "serving" {
			addr <- entry.Addr
		}
	}
}

// stop ends the server as an operator does, if it still runs, and expects it to end well.
func (s *server) stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	s.reader.Wait()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("stopping the server: %v\n%.2000s", err, s.log)
	}
}

// kill ends the server at once, as a power cut would.
func (s *server) kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		s.reader.Wait()
		_ = s.cmd.Wait()
	}
}

func token(t testing.TB, sub string, roles ...string) string {
	t.Helper()
	args := []string{"token", "--sub", sub, "--jwt-secret", secret}
	for _, role := range roles {
		args = append(args, "--role", role)
	}
	out, errs, code := run(t, nil, args...)
	if code != 0 {
		t.Fatal(errs)
	}
	return strings.TrimSpace(out)
}

// answer is a GraphQL answer.
type answer struct {
	Data   map[string]json.RawMessage
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
}

var client = &http.Client{
	Timeout:   patience,
	Transport: &http.Transport{MaxIdleConnsPerHost: 100},
}

// ask runs a document; an error means that no answer came.
func (s *server) ask(document string, variables map[string]any) (a answer, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	err = json.NewDecoder(resp.Body).Decode(&a)
	return a, err
}

// must runs a document that has to succeed and decodes one field of the answer.
func (s *server) must(field string, into any, document string, variables map[string]any) {
	s.t.Helper()
	a, err := s.ask(document, variables)
	if err != nil || len(a.Errors) > 0 {
		s.t.Fatalf("%.60s: %v %v", document, err, a.Errors)
	}
	if err := json.Unmarshal(a.Data[field], into); err != nil {
		s.t.Fatalf("%.60s: %v", document, err)
	}
}

// get fetches a page without a token.
func (s *server) get(path string) (status int, text string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, fmt.Sprint(resp.Request.URL.Path, " ", string(body))
}
