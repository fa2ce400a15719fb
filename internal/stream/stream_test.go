package stream_test

import (
	"context"
	"flag"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi"
	"backchannel/internal/streamapi/emulator"
)

const (
	appKey    = "the-apps-key"
	appSecret = "the secret of the app, long enough to be one"
)

// patience is what a call and a condition get at most. It is far more than a busy
// machine needs, so that running out of it means that something hangs.
const patience = 2 * time.Minute

// TestMain runs more tests at once than there are processors, since they mostly wait for
// faults to pass.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "24"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// hosted is a provider, its Stream, and the network between them.
type hosted struct {
	*stream.Provider
	testing.TB
	net  *network
	far  *engine.Engine // Stream's own state
	api  *streamapi.Server
	log  *logBuffer
	data string // the folder of the provider's database
	o    stream.Options
	// clock is a clock that stands still.
	clock atomic.Pointer[time.Time]
}

func (h *hosted) now() time.Time {
	if at := h.clock.Load(); at != nil {
		return *at
	}
	return time.Now()
}

// open starts a hosted chat. Options are taken as given, except those that every test
// needs.
func open(t testing.TB, o stream.Options) *hosted {
	t.Helper()
	h := &hosted{TB: t, log: &logBuffer{}, data: folder(t)}
	far := openStore(t, sqlstore.Options{Path: h.database("far.db")})
	h.far = engine.New(engine.Options{Store: far, AvatarBaseURL: "https://far.example", Clock: h.now,
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.far.Close)
	api, err := streamapi.New(streamapi.Options{Engine: h.far, Key: appKey, Secret: appSecret, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h.api = api
	h.net = &network{upstream: emulator.Limited(api)}
	server := httptest.NewServer(h.net)
	t.Cleanup(server.Close)
	o.Key, o.Secret, o.BaseURL, o.AvatarBaseURL = appKey, appSecret, server.URL, "https://media.example"
	o.Logger = slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.TryTimeout == 0 {
		o.TryTimeout = patience
	}
	o.Transport = newHasty()
	o.RetryPause = 5 * time.Millisecond // nobody waits for faults to pass longer than they do
	h.o = o
	h.start()
	return h
}

// start starts the provider on its database, as a server that begins does.
func (h *hosted) start() {
	h.Helper()
	o := h.o
	if o.Store == nil {
		o.Store = openStore(h, sqlstore.Options{Path: h.database("near.db")})
	}
	var err error
	if h.Provider, err = stream.New(o); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(h.Close)
}

// folder is in memory if the system has such a place: nothing here is about what a disk keeps, and
// waiting for it takes more time than the tests.
func folder(t testing.TB) string {
	t.Helper()
	const inMemory = "/dev/shm"
	at, err := os.MkdirTemp(inMemory, "backchannel-test") //nolint:usetesting // t.TempDir is on the disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(at) })
	return at
}

// database is a file of the test's with all tables, made if it isn't there.
func (h *hosted) database(name string) string {
	h.Helper()
	at := filepath.Join(h.data, name)
	if _, err := os.Stat(at); err != nil {
		if err := os.WriteFile(at, emptyDatabase(h), 0o600); err != nil {
			h.Fatal(err)
		}
	}
	return at
}

var (
	makeEmpty sync.Once
	empty     []byte
)

// emptyDatabase is the file of a database with all tables and nothing in them: making
// them takes more time than most tests.
func emptyDatabase(t testing.TB) []byte {
	t.Helper()
	makeEmpty.Do(func() {
		at := filepath.Join(t.TempDir(), "empty.db")
		store, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: at})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if empty, err = os.ReadFile(at); err != nil {
			t.Fatal(err)
		}
	})
	return empty
}

// databases make the provider's own database; nil for the one that open makes.
var databases = map[string]func(t *testing.T) *sqlstore.Store{
	"SQLite":     func(*testing.T) *sqlstore.Store { return nil },
	"PostgreSQL": func(t *testing.T) *sqlstore.Store { return openStore(t, sqlstore.Options{URL: pgtest.Open(t)}) },
}

func openStore(t testing.TB, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}
