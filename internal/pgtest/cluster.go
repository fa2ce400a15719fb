package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Cluster is a server for one test, which may stop and break it.
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

// Restart ends the server, cleanly as for an update, or as in a crash, and returns when it
// runs again.
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
		return // it doesn't run
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

// children lists the processes that a process has started.
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
