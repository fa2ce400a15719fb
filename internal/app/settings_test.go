package app_test

import (
	"database/sql"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"backchannel/internal/pgtest"
)

// A setting that makes no sense keeps the server from starting, and is named.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"--bo-role", ""}, "--bo-role"},
		{[]string{"--bo-role", " "}, "--bo-role"},
		{[]string{"--jwt-secret", "x"}, "--jwt-secret"},
		{[]string{"--jwt-secret", strings.Repeat("x", 31)}, "32 random bytes"},
		{[]string{"--api-key", "k", "--api-secret", "short"}, "--api-secret"},
		{[]string{"--jwt-leeway=-1s"}, "--jwt-leeway"},
		{[]string{"--jwt-max-lifetime", "0s"}, "--jwt-max-lifetime"},
		{[]string{"--nats", "nats://127.0.0.1:4222"}, "--database-url"},
		{[]string{"--nats", "http://127.0.0.1:4222", "--database-url", "postgres://127.0.0.1/chat"}, "--nats"},
		{[]string{"--nats-creds", "chat.creds"}, "need --nats"},
	} {
		_, stderr, code := run(t, nil, serveArgs(t.TempDir(), row.args...)...)
		if code != 1 || !strings.Contains(stderr, row.want) {
			t.Errorf("%q: exit code %d, want 1 and %q:\n%s", row.args, code, row.want, stderr)
		}
	}
}

// What the operator should know is a warning, and the server starts.
func TestSettingsThatAreWarnedOf(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startProgram(t, program(t, []string{"BACKCHANNEL_JWT_SECRTE=x", "BACKCHANNEL_PORT=tcp://10.0.0.1:80"},
		serveArgs(open, "--dev", "--jwt-secret", "short", "--addr", "0.0.0.0:0")...))
	for _, want := range []string{
		"BACKCHANNEL_JWT_SECRTE", "BACKCHANNEL_PORT", "DEVELOPMENT MODE", "short enough to be guessed", "chmod 700", `"mode":"0755"`,
	} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("nothing is said of %s:\n%s", want, s.log)
		}
	}
	if strings.Contains(s.log.String(), "BACKCHANNEL_TEST_URL") || strings.Contains(s.log.String(), "10.0.0.1") {
		t.Errorf("a variable's value is logged:\n%s", s.log)
	}
	quiet := start(t, filepath.Join(t.TempDir(), "data"))
	if strings.Contains(quiet.log.String(), "chmod") || strings.Contains(quiet.log.String(), "DEVELOPMENT") {
		t.Errorf("a warning without a cause:\n%s", quiet.log)
	}
}

// With any folder and umask, other users can't read what the server stores.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("left out: modes mean other things here")
	}
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := start(t, data, "--dev", "--jwt-secret", "")
	s.token = strings.TrimSpace(must(run(t, nil, "token", "--sub", "clerk", "--role", "BO", "--data", data)))
	if status, _, answer := s.upload("a.png", picture(9), nil); status != http.StatusCreated && status != http.StatusOK {
		t.Fatalf("an upload: %d %v", status, answer)
	}
	files := 0
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		files++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", path, info.Mode())
		}
		return nil
	})
	if err != nil || files < 5 {
		t.Errorf("%d files, %v", files, err)
	}
}

// A caller is answered within --request-timeout, even if the database hangs, and the server
// says that it isn't ready.
func TestAnswerInTimeFromALockedDatabase(t *testing.T) {
	t.Parallel()
	for what, prepare := range map[string]func(t *testing.T) (args []string, lock, unlock func()){
		"SQLite locked by another process": func(t *testing.T) ([]string, func(), func()) {
			data := t.TempDir()
			var other *sql.DB
			return []string{"--data", data}, func() {
				var err error
				if other, err = sql.Open("sqlite", filepath.Join(data, "backchannel.db")); err != nil {
					t.Fatal(err)
				}
				other.SetMaxOpenConns(1)
				if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
					t.Fatal(err)
				}
			}, func() { _ = other.Close() }
		},
		"PostgreSQL frozen": func(t *testing.T) ([]string, func(), func()) {
			cluster := pgtest.OpenCluster(t)
			return []string{"--database-url", cluster.URL}, func() { cluster.Freeze(t) }, func() { cluster.Thaw(t) }
		},
	} {
		t.Run(what, func(t *testing.T) {
			args, lock, unlock := prepare(t)
			s := start(t, t.TempDir(), append(args, "--request-timeout", "2s")...)
			s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": "news", "name": "News"})
			lock()
			begun := time.Now()
			a, err := s.ask(sendDocument, map[string]any{"c": "news", "text": "hello"})
			if err != nil || len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UNAVAILABLE" {
				t.Errorf("%v, %v; want an answer with UNAVAILABLE", err, a.Errors)
			}
			if took := time.Since(begun); took > 4*time.Second {
				t.Errorf("answered after %s", took)
			}
			for until := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				if status, text := s.get("/readyz"); status == http.StatusServiceUnavailable && strings.Contains(text, "database") {
					break
				} else if time.Now().After(until) {
					t.Fatalf("readyz says %d %s", status, text)
				}
			}
			unlock()
			for until := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				if status, text := s.get("/readyz"); status == http.StatusOK {
					break
				} else if time.Now().After(until) {
					t.Fatalf("readyz says %d %s\n%s", status, text, s.log)
				}
			}
			s.must("sendMessageToChannel", new(bool), sendDocument, map[string]any{"c": "news", "text": "again"})
			if !strings.Contains(s.log.String(), "not ready") || !strings.Contains(s.log.String(), "ready again") {
				t.Errorf("the log doesn't say so:\n%s", s.log)
			}
		})
	}
}

// The server starts while a bucket or an issuer isn't there, and says what it lacks.
func TestNotReadyWithoutItsSurroundings(t *testing.T) {
	t.Parallel()
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"keys can't be read":    {"--jwks", "http://127.0.0.1:1/jwks"},
		"Uploads can't be stor": {"--media", filepath.Join(blocked, "media")},
	} {
		s := start(t, t.TempDir(), args...)
		if status, text := s.get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, want) {
			t.Errorf("%q: %d %s, want 503 and %q", args, status, text, want)
		}
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"name": "News"})
	}
}
