// Package pgtest gives tests real PostgreSQL databases: each call to Open
// makes an empty one on a private server that the test process starts on
// first use.
//
// The server listens on a Unix socket in a folder of its own under /tmp and ends with the
// process that started it, even if that is killed. Other clusters on the machine are never
// touched. The package knows nothing about the product's tables and is imported by tests
// only.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ServerVariable names a server to use instead of a private one, as a postgres:// URL whose
// user may create databases. A process that is killed leaves its databases, named bctest_…,
// on it.
const ServerVariable = "BACKCHANNEL_TEST_DATABASE_URL"

// patience bounds each exchange with the server, so that a test fails with a reason instead of its
// timeout.
const patience = time.Minute

// server is the server of this process.
var server = sync.OnceValues(func() (instance, error) {
	if given := os.Getenv(ServerVariable); given != "" {
		return instance{url: given}, nil
	}
	return start()
})

// Open makes an empty database, to be dropped when t ends, and returns its URL. Any number
// of tests may call it concurrently. Without PostgreSQL the test is skipped, or fails if
// the environment has CI=true.
func Open(t testing.TB) (databaseURL string) {
	t.Helper()
	shared, err := server()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true" {
		t.Skipf("left out: this test on PostgreSQL (%v)", err)
	}
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	target, err := url.Parse(shared.url)
	if err != nil {
		t.Fatalf("%s is not a URL: %v", ServerVariable, err)
	}

	name := "bctest_" + rand.Text()
	identifier := pgx.Identifier{name}.Sanitize()
	if err := execute(shared.url, "CREATE DATABASE "+identifier); err != nil {
		t.Fatalf("creating database %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := execute(shared.url, "DROP DATABASE "+identifier+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping database %s: %v", name, err)
		}
	})
	target.Path = "/" + name
	return target.String()
}

// execute runs one statement on a connection of its own.
func execute(serverURL, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
