package pgtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Cluster is a server for one test. The test may stop and break it.
type Cluster struct {
	URL    string // of its database
	Socket string // the file it listens on
	server instance
	mu     sync.Mutex // one restart at a time
}

// OpenCluster starts a server that ends with t. Without PostgreSQL it skips the test, as
// Open does.
func OpenCluster(t testing.TB) *Cluster {
	t.Helper()
	own, err := start()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true" {
		t.Skipf("left out: this test on PostgreSQL (%v)", err)
	}
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	c := &Cluster{URL: own.url, Socket: filepath.Join(own.folder, ".s.PGSQL.5432"), server: own}
	t.Cleanup(func() {
		c.signal(t, syscall.SIGCONT)
		_ = own.lifeline.Close()
	})
	return c
}

// OpenStandby starts a synchronous standby: it has each change of c before the change is acknowledged.
func (c *Cluster) OpenStandby(t testing.TB) *Cluster {
	t.Helper()
	bin, err := findBinaries()
	if err != nil {
		t.Fatal(err)
	}
	own, err := startWithin(startTime, bin, c.server.folder)
	if err != nil {
		t.Fatalf("starting the standby: %v", err)
	}
	t.Cleanup(func() { _ = own.lifeline.Close() })
	for _, text := range []string{
		`ALTER SYSTEM SET wal_keep_size = '1GB'`, `ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`,
	} {
		if err := execute(c.URL, text); err != nil {
			t.Fatal(err)
		}
	}
	return &Cluster{URL: own.url, Socket: filepath.Join(own.folder, ".s.PGSQL.5432"), server: own}
}

// Lose kills the server and removes its data.
func (c *Cluster) Lose(t testing.TB) {
	t.Helper()
	if err := c.server.lifeline.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := os.Stat(c.server.folder); err == nil; _, err = os.Stat(c.server.folder) {
		time.Sleep(10 * time.Millisecond)
	}
}

// Promote makes a standby the primary.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	if err := execute(c.URL, `SELECT pg_promote(true, 60)`); err != nil {
		t.Fatal(err)
	}
}

// Execute runs a statement.
func (c *Cluster) Execute(t testing.TB, text string) {
	t.Helper()
	if err := execute(c.URL, text); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// URLOfEither returns a URL for whichever server is the primary: c, or its standby. If way isn't nil, c
// is reached through it.
func (c *Cluster) URLOfEither(standby *Cluster, way *Relay) string {
	host, port := c.server.folder, "5432"
	if way != nil {
		host, port, _ = net.SplitHostPort(way.Addr)
	}
	return "postgres:///postgres?" + url.Values{"host": {host + "," + standby.server.folder}, "port": {port + ",5432"},
		"user": {"postgres"}, "sslmode": {"disable"}, "target_session_attrs": {"read-write"}}.Encode()
}

// Restart restarts the server, after a clean stop or a crash, and returns when it runs again.
func (c *Cluster) Restart(t testing.TB, crash bool) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	signal := "INT"
	if crash {
		signal = "QUIT"
	}
	if _, err := fmt.Fprintln(c.server.lifeline, signal); err != nil {
		t.Fatal(err)
	}
	if line, err := c.server.said.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the server did not start again: %q, %v", line, err)
	}
}

// Freeze stops all of the server's processes.
func (c *Cluster) Freeze(t testing.TB) { c.signal(t, syscall.SIGSTOP) }

// Thaw resumes them.
func (c *Cluster) Thaw(t testing.TB) { c.signal(t, syscall.SIGCONT) }

func (c *Cluster) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.server.folder, "data", "postmaster.pid"))
	if err != nil {
		return // it isn't running
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("postmaster.pid begins with %q", first)
	}
	for _, pid := range append(children(first), postmaster) {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
}

// children lists the child processes of a process.
func children(parent string) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // after the command's name
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == parent {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			pids = append(pids, pid)
		}
	}
	return pids
}
