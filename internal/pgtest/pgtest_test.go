package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// holdVariable makes the test binary a process that opens a database, prints
// its URL and waits to be killed.
const holdVariable = "PGTEST_HOLD"

func TestDatabasesAreSeparate(t *testing.T) {
	first, second := connect(t, Open(t)), connect(t, Open(t))
	if _, err := first.Exec(t.Context(), "CREATE TABLE note (body text)"); err != nil {
		t.Fatal(err)
	}
	_, err := second.Exec(t.Context(), "SELECT body FROM note")
	if code := sqlState(err); code != "42P01" {
		t.Errorf("the second database answers %v, want undefined_table (42P01)", err)
	}
}

func TestDatabaseIsDroppedWithItsTest(t *testing.T) {
	var databaseURL string
	t.Run("user", func(user *testing.T) {
		databaseURL = Open(user)
		connect(t, databaseURL) // still open when the database is dropped
	})
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err == nil {
		t.Error("the database is still there", conn.Close(t.Context()))
	} else if code := sqlState(err); code != "3D000" {
		t.Errorf("connecting fails with %v, want invalid_catalog_name (3D000)", err)
	}
}

func TestServerIsDurableAndRoomy(t *testing.T) {
	if os.Getenv(ServerVariable) != "" {
		t.Skipf("left out: the settings of the server in %s are its owner's", ServerVariable)
	}
	conn := connect(t, Open(t))
	for setting, want := range map[string]string{
		"fsync":              "on",
		"full_page_writes":   "on",
		"synchronous_commit": "on",
		"max_connections":    "200",
		"server_encoding":    "UTF8",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}

func TestServerEndsWithAKilledProcess(t *testing.T) {
	if _, err := findBinaries(); err != nil {
		Open(t) // skips or fails, with the reason
	}
	child := exec.Command(os.Args[0], "-test.run=^TestHold$")
	child.Env = append(os.Environ(), ServerVariable+"=", holdVariable+"=yes")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the child ended before it had a database: %v", err)
	}
	databaseURL := strings.TrimSpace(line)
	if err := connect(t, databaseURL).Ping(t.Context()); err != nil {
		t.Fatalf("the child's server does not answer while the child lives: %v", err)
	}

	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // always "signal: killed"

	awaitGone(t, socketFolder(t, databaseURL))
	if conn, err := pgx.Connect(t.Context(), databaseURL); err == nil {
		t.Error("the server outlives the process that started it", conn.Close(t.Context()))
	}
}

func TestTheServersUserCanEnterItsFolder(t *testing.T) {
	open, err := os.MkdirTemp(tempFolder(), "pgtest-open-") //nolint:usetesting // as below
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(open) })
	for name, mode := range map[string]os.FileMode{"": 0o777, "shared": 0o755, "closed": 0o700, "closed/open": 0o777} {
		if err := errors.Join(os.MkdirAll(filepath.Join(open, name), 0o700), os.Chmod(filepath.Join(open, name), mode)); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{
		open:                                   open,
		filepath.Join(open, "shared"):          "/tmp", // it could not remove its folder
		filepath.Join(open, "closed"):          "/tmp",
		filepath.Join(open, "closed", "open"):  "/tmp",
		filepath.Join(open, "missing"):         "/tmp",
		"/tmp/" + strings.Repeat("folder/", 9): "/tmp", // a socket's path would be too long
	} {
		t.Setenv("TMPDIR", dir)
		if got := tempFolder(); got != want {
			t.Errorf("with TMPDIR=%s the server's folder is in %s, want %s", dir, got, want)
		}
	}
}

func TestServerThatDoesNotStart(t *testing.T) {
	bin, err := os.MkdirTemp(tempFolder(), "pgtest-never-") //nolint:usetesting // where the server's user can enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(bin) })
	started := filepath.Join(bin, "started")
	script := "#!/bin/sh\necho $2 >" + started + "\nexec sleep 600\n"
	err = errors.Join(os.Chmod(bin, 0o777), os.WriteFile(filepath.Join(bin, "initdb"), []byte(script), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = startWithin(5*time.Second, bin); err == nil || !strings.Contains(err.Error(), "longer than 5s") {
		t.Errorf("a cluster that is never made: %v", err)
	}
	said, err := os.ReadFile(started)
	if err != nil {
		t.Fatal(err)
	}
	awaitGone(t, filepath.Dir(strings.TrimSpace(string(said))))
}

// TestHold is the child of TestServerEndsWithAKilledProcess.
func TestHold(t *testing.T) {
	if os.Getenv(holdVariable) == "" {
		return
	}
	fmt.Println(Open(t))
	select {}
}

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func sqlState(err error) string {
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		return failure.Code
	}
	return ""
}

func socketFolder(t *testing.T, databaseURL string) string {
	t.Helper()
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query().Get("host")
}

// awaitGone waits until the folder is gone. The script that keeps the server removes it last.
func awaitGone(t *testing.T, folder string) {
	t.Helper()
	deadline := time.After(patience)
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		select {
		case <-deadline:
			t.Fatalf("%s is still there", folder)
		case <-tick.C:
			if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
				return
			}
		}
	}
}
