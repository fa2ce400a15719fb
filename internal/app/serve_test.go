package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/pgtest"
)

func TestDevelopmentNeedsNothing(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := start(t, data, "--dev", "--jwt-secret", "")
	printed := s.out.String()
	for _, want := range []string{s.url + "/graphql", s.url + "/console/explorer#token=eyJ", s.url + "/console/#token=eyJ", "--data " + data} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not printed:\n%s", want, printed)
		}
	}
	curl := regexp.MustCompile(`(?m)^  (curl .*)$`).FindAllStringSubmatch(printed, -1)
	if len(curl) != 2 {
		t.Fatalf("%d curl lines are printed, want 2", len(curl))
	}
	for range 2 {
		if out := shell(t, curl[0][1]); !strings.HasPrefix(out, `{"data":{"createOrUpdateChannel":true,"sendMessageToChannel":true},"extensions":{"changes":[`) {
			t.Errorf("the printed line, pasted: %s", out)
		}
	}
	if out := shell(t, curl[1][1]); strings.Count(out, "It works!") != 2 || !strings.Contains(out, "Back-office clerk") {
		t.Errorf("the second printed line, pasted: %s", out)
	}
	if status, page := s.get("/"); status != http.StatusOK || !strings.HasPrefix(page, "/console/ ") {
		t.Errorf("/ leads to %d %.40s", status, page)
	}
	for _, file := range []string{"jwt-secret", "backchannel.db"} {
		if info, err := os.Stat(filepath.Join(data, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	if info, err := os.Stat(filepath.Join(data, "jwt-secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file is %v, %v", info.Mode(), err)
	}
	s.token = strings.TrimSpace(must(run(t, nil, "token", "--sub", "another", "--role", "BO", "--data", data)))
	s.must("allChannels", &[]any{}, `{ allChannels { id } }`, nil)
}

func must(stdout, stderr string, code int) string {
	if code != 0 {
		panic(stderr)
	}
	return stdout
}

func shell(t *testing.T, line string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestRoutesOutsideDevelopment(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for path, want := range map[string]int{
		"/healthz":   http.StatusOK,
		"/readyz":    http.StatusOK,
		"/":          http.StatusNotFound,
		"/explorer/": http.StatusOK, // leads to the console
		"/console/":  http.StatusOK, // public, but its data isn't
		"/data":      http.StatusNotFound,
	} {
		if status, text := s.get(path); status != want {
			t.Errorf("%s: got %d %.60s, want %d", path, status, text, want)
		}
	}
	a, err := s.ask(`{ __schema { queryType { name } } }`, nil)
	if err != nil || len(a.Errors) > 0 {
		t.Errorf("the back office asks for the schema: %v, %v", err, a.Errors)
	}
	s.token = token(t, "customer")
	a, err = s.ask(`{ __schema { queryType { name } } }`, nil)
	if err != nil || len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UNAUTHORIZED" {
		t.Errorf("a customer asks for the schema: %v, %v", err, a.Errors)
	}
	if s.out.String() != "" {
		t.Errorf("printed outside development: %s", s.out)
	}
}

// Both addresses answer health checks, and the second answers nothing else.
func TestOperatorsAddress(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--ops-addr", "127.0.0.1:0")
	found := regexp.MustCompile(`"ops_addr":"([^"]+)"`).FindStringSubmatch(s.log.String())
	if found == nil {
		t.Fatalf("the log doesn't name the address: %s", s.log)
	}
	ops := &server{t: t, url: "http://" + found[1]}
	for path, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/graphql": http.StatusNotFound, "/console/": http.StatusNotFound,
	} {
		if status, text := ops.get(path); status != want {
			t.Errorf("%s: got %d %.60s, want %d", path, status, text, want)
		}
	}
	if status, _ := s.get("/readyz"); status != http.StatusOK {
		t.Errorf("at the main address: %d", status)
	}
}

// A refused request is one line in the log, by whichever API it came.
func TestRefusedRequestsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--api-key", "key", "--api-secret", secret)
	s.token = ""
	if _, err := s.ask(`{ a: allChannels { id } }`, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ask(`mutation { a: deleteChannels(input: {cids: ["livestream:a"]}) b: deleteChannels(input: {cids: ["livestream:b"]}) c: freezeChannel(input: {cid: "livestream:c", frozen: true}) { channel { id } } }`, nil); err != nil {
		t.Fatal(err)
	}
	if status, _ := s.get("/api/v2/app?api_key=key"); status != http.StatusUnauthorized {
		t.Errorf("Stream's API answers %d", status)
	}
	if status, _ := s.get("/api/v2/app?api_key=other"); status != http.StatusUnauthorized {
		t.Errorf("Stream's API answers %d", status)
	}
	s.kill()
	if n := strings.Count(s.log.String(), `"msg":"caller refused"`); n != 4 {
		t.Errorf("four refused requests are %d lines:\n%s", n, s.log)
	}
}

func TestReadyFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	where := pgtest.Open(t)
	s := start(t, t.TempDir(), "--database-url", where)
	if status, _ := s.get("/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d", status)
	}
	s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"name": "On PostgreSQL"})
	var list []struct{ CID string }
	s.must("allChannels", &list, `{ allChannels { cid } }`, nil)
	if len(list) != 1 || list[0].CID != "livestream:on-postgresql" {
		t.Errorf("listed: %v", list)
	}
}

func TestStopsGracefully(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
	var wg sync.WaitGroup
	var mu sync.Mutex
	sent := 0
	for range 8 {
		wg.Go(func() {
			for {
				a, err := s.ask(sendDocument, map[string]any{"c": "news", "text": "hello"})
				if err != nil {
					return // the server no longer listens
				}
				if len(a.Errors) > 0 {
					t.Errorf("a request under way was not finished: %v", a.Errors)
					return
				}
				mu.Lock()
				sent++
				mu.Unlock()
			}
		})
	}
	time.Sleep(50 * time.Millisecond) // let the load begin; the test is right at any moment
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	s.reader.Wait()
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v: %s", err, s.log)
	}
	if !strings.Contains(s.log.String(), `"msg":"stopping"`) {
		t.Errorf("the log doesn't say so: %s", s.log)
	}
}

// The log must help an operator in an outage and contain no secret.
func TestLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--log-level", "debug")
	good := s.token
	s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
	s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "news", "text": "a private word"})
	s.token = token(t, "customer")
	customer := s.token
	if a, err := s.ask(sendDocument, map[string]any{"c": "news", "text": "a private word"}); err != nil || len(a.Errors) != 1 {
		t.Fatalf("%v %v", err, a.Errors)
	}
	s.token = good + "x"
	if a, err := s.ask(`{ allChannels { id } }`, nil); err != nil || len(a.Errors) != 1 {
		t.Fatalf("%v %v", err, a.Errors)
	}
	s.kill()
	log := s.log.String()
	for _, hidden := range []string{"a private word", good, customer, secret} {
		if strings.Contains(log, hidden) {
			t.Errorf("the log tells %.20q:\n%s", hidden, log)
		}
	}
	refused := 0
	for line := range strings.SplitSeq(strings.TrimSpace(log), "\n") {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("not JSON: %s", line)
		}
		if strings.Contains(line, "back-office role") || strings.Contains(line, "bad token") {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("the log gives the reason of %d refusals, want 2:\n%s", refused, log)
	}
}

func TestTwoServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	a, b := start(t, data), start(t, data)
	for i := range 20 {
		writer, reader := a, b
		if i%2 == 0 {
			writer, reader = b, a
		}
		writer.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"name": fmt.Sprint("Room ", i)})
		var list []struct{ Name string }
		reader.must("allChannels", &list, `{ allChannels { name } }`, nil)
		if len(list) != i+1 {
			t.Errorf("after %d channels the other server lists %d", i+1, len(list))
		}
	}
}

func TestServesOnEveryKindOfAddress(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("left out: 0.0.0.0 means other things elsewhere")
	}
	s := start(t, t.TempDir(), "--dev", "--addr", "0.0.0.0:0")
	if !strings.Contains(s.out.String(), "http://127.0.0.1:") {
		t.Errorf("the printed address can't be opened: %s", s.out)
	}
}
