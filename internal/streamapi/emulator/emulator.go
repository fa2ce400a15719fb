package emulator

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	_ "gocloud.dev/blob/memblob" // mem://, where the emulator keeps files

	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi"
	"backchannel/internal/webhook"
)

// The key and secret of an emulator if the options have none.
const (
	DefaultKey    = "emulator"
	DefaultSecret = "emulator-secret"
)

// Options configure an [Emulator]. The zero Options are valid.
type Options struct {
	Key, Secret string
	Seed        []byte // in the form of [Emulator.Seed]; a reset loads it again
	Logger      *slog.Logger
}

// Emulator is a running emulator. It is an http.Handler that serves Stream's API under /api/v2 and
// its own controls under /emulator/.
type Emulator struct {
	options  Options
	clock    clock
	faults   faults
	requests requests
	controls http.Handler

	mu    sync.RWMutex // held for reading by requests, for writing by a reset
	world *world
}

// world is the state between two resets.
type world struct {
	store  *sqlstore.Store
	engine *engine.Engine
	media  *media.Store
	hosted *hostedMessages
	api    http.Handler
	calls  *calls
	hooks  *streamapi.Hooks
}

// New returns an emulator that holds the content of the seed. The caller must close it.
func New(ctx context.Context, o Options) (*Emulator, error) {
	o.Key, o.Secret = cmp.Or(o.Key, DefaultKey), cmp.Or(o.Secret, DefaultSecret)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Emulator{options: o}
	e.controls = e.routes()
	if err := e.Reset(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// Reset removes all state, faults and requests, sets the clock to the real time, and loads the seed
// again. It waits for requests in progress.
func (e *Emulator) Reset(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh, err := e.newWorld(ctx)
	if err != nil {
		return err
	}
	err = e.world.close()
	e.world = fresh
	e.clock.ahead.Store(0)
	e.faults.clear()
	e.requests.clear()
	if err != nil || len(e.options.Seed) == 0 {
		return err
	}
	return e.seed(ctx, e.options.Seed)
}

func (e *Emulator) newWorld(ctx context.Context) (*world, error) {
	store, err := sqlstore.Open(ctx, sqlstore.Options{Memory: true})
	if err != nil {
		return nil, err
	}
	w := &world{store: store, hosted: newHostedMessages()}
	w.engine = engine.New(engine.Options{Store: store, Logger: e.options.Logger, Clock: e.clock.now, Alone: true})
	spool := filepath.Join(os.TempDir(), "backchannel-emulator-"+strconv.Itoa(os.Getuid()))
	w.media = media.New(media.Options{Database: store, Location: "mem://", Spool: spool, Logger: e.options.Logger})
	api, err := streamapi.New(streamapi.Options{
		Engine: w.engine, Key: e.options.Key, Secret: e.options.Secret, Media: w.media, Logger: e.options.Logger})
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.calls = &calls{sender: webhook.New(webhook.Options{Private: true, Logger: e.options.Logger}), faults: &e.faults}
	w.hooks = api.StartHooks(w.calls.deliver)
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /media/chat/{name}", w.media.ServeFile)
	w.api = Limited(mux)
	return w, nil
}

func (w *world) close() error {
	if w == nil {
		return nil
	}
	if w.hooks != nil {
		w.hooks.Close()
		w.calls.sender.Close()
	}
	w.engine.Close()
	return errors.Join(w.media.Close(), w.store.Close())
}

// Close stops the emulator.
func (e *Emulator) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.world.close()
	e.world = nil
	return err
}

// ServeHTTP implements http.Handler.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/emulator/") {
		e.controls.ServeHTTP(w, r)
		return
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.world == nil {
		http.Error(w, "the emulator is closed", http.StatusServiceUnavailable)
		return
	}
	e.serve(w, r)
}
