package engine

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/delivery"
	"backchannel/internal/feed"
	"backchannel/internal/job"
	"backchannel/internal/ledger"
	"backchannel/internal/metrics"
	"backchannel/internal/sqlstore"
	"backchannel/internal/webhook"
)

// Options configure an [Engine]. Store and Logger are required.
type Options struct {
	Store *sqlstore.Store
	// AvatarBaseURL is the public address of avatars. An avatar is a file name under it.
	AvatarBaseURL string
	// LivestreamMembersWrite lets only members post in livestream channels. If false, everybody
	// may.
	LivestreamMembersWrite bool
	// Bus connects servers that share a PostgreSQL database; nil for none. The engine starts and
	// closes it.
	Bus    *bus.Bus
	Logger *slog.Logger
	// Clock returns the time; nil means the store's. The emulator shifts it.
	Clock func() time.Time
	// BinKept is how long deleted channels can be restored; 0 for 30 days.
	BinKept time.Duration
	// ChangesKept is how long the records of changes are kept; 0 for two years.
	ChangesKept time.Duration
	// Metrics counts jobs and deliveries; may be nil.
	Metrics *metrics.Metrics
	// Idle disables jobs and periodic tasks, for commands. Servers do them.
	Idle bool
	// Webhooks calls webhooks; nil if this process calls none. The caller must close it after the
	// engine.
	Webhooks *webhook.Sender
	// Alone says that no other process writes to the database, so that the engine doesn't have to
	// check for changes.
	Alone bool
}

// Engine is a chat.Provider of our own.
type Engine struct {
	Effects
	*ledger.Ledger
	*job.Runner
	*delivery.Service

	Store *sqlstore.Store // for code that adds operations

	ownClock    bool // Options.Clock is set
	changesKept time.Duration
	binKept     time.Duration

	logger     *slog.Logger
	list       channelList
	overview   recent[chat.Overview]
	highlights recent[chat.Highlights]
	news       chan struct{} // another server has changed something outside of channels
	missed     atomic.Bool   // hints of other servers may have been lost
	finishers  sync.Map      // a Finisher by kind
	stop       context.CancelFunc
	chores     sync.WaitGroup
}

// Effects are the checks and changes that operations consist of. Each runs within the transaction
// of an operation. There is one for each rule: code that adds an operation, such as Stream's API,
// composes it from these.
type Effects struct {
	avatarBase string
	clock      func() time.Time
	policy     chat.Policy
	Hub        feed.Hub // informs the subscribers of this server
	observer   atomic.Pointer[func(sqlstore.Entry)]
	setup      settingsCache
	revoked    revocations
	bus        *bus.Bus    // nil for none
	carries    bool        // entries are sent to other servers, over the bus or with hints
	fresh      []bus.Entry // entries of the last transaction; used only by the writer
}

var _ chat.Provider = (*Engine)(nil)

// New returns an engine that uses an open store. The caller must close the engine before the store.
func New(o Options) *Engine {
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{
		Effects: Effects{
			avatarBase: strings.TrimSuffix(o.AvatarBaseURL, "/") + "/",
			policy:     chat.Policy{LivestreamMembersWrite: o.LivestreamMembersWrite},
			clock:      o.Clock,
			bus:        o.Bus,
		},
		Store:  o.Store,
		logger: o.Logger,
		news:   make(chan struct{}, 1),
		stop:   stop,
	}
	if e.ownClock = o.Clock != nil; !e.ownClock {
		e.clock = o.Store.Now
	}
	e.changesKept, e.binKept = cmp.Or(o.ChangesKept, chat.ChangesKept), cmp.Or(o.BinKept, chat.BinKept)
	e.Ledger = ledger.New(o.Store, o.Logger, e.now)
	e.Finishes(deletingMessages, e.finishDeletion)
	e.Runner = e.newRunner(o)
	e.join(ctx)
	if !o.Idle {
		e.chores.Go(func() { e.RunJobs(ctx) })
	}
	e.Service = e.webhooks(o)
	if !o.Alone {
		e.chores.Go(func() { e.watch(ctx) })
		e.chores.Go(func() { e.heed(ctx) })
	}
	return e
}

// Close stops the engine's background work.
func (e *Engine) Close() {
	e.Service.Close()
	e.stop()
	e.chores.Wait()
	e.bus.Close()
}

// Ready returns nil if the database answers.
func (e *Engine) Ready(ctx context.Context) error { return e.Store.Ready(ctx) }

// avatarURL returns the address of an avatar, "" if browsers must not open it: Stream's API accepts
// any address.
func (e *Effects) avatarURL(file string) string {
	switch {
	case file == "" || chat.IsWebAddress(file):
		return file
	case strings.Contains(file, "://"):
		return ""
	}
	return e.avatarBase + url.PathEscape(file)
}

// Now returns the engine's time in UTC, with the database's precision of a microsecond.
func (e *Effects) Now() time.Time { return e.clock().UTC().Truncate(time.Microsecond) }

func (e *Effects) now() time.Time { return e.Now() }

// agreed returns the time that all servers agree on. Schedules go by it.
func (e *Engine) agreed(ctx context.Context) (time.Time, error) {
	if e.ownClock {
		return e.now(), nil
	}
	return e.Store.Time(ctx)
}

// past returns the time by which data becomes old and is removed.
func (e *Engine) past(ctx context.Context) (time.Time, error) {
	if e.ownClock {
		return e.now(), nil
	}
	return e.Store.RetentionTime(ctx)
}
