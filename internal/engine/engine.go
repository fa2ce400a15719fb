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

// Options configure an [Engine]. Store and Logger are needed.
type Options struct {
	Store *sqlstore.Store
	// AvatarBaseURL is the public address of avatars; an avatar is a file's name
	// under it.
	AvatarBaseURL string
	// LivestreamMembersWrite lets only members post in livestream channels. Otherwise
	// everybody may.
	LivestreamMembersWrite bool
	// Bus carries news between servers on one PostgreSQL; nil for none. The engine starts
	// and closes it.
	Bus    *bus.Bus
	Logger *slog.Logger
	// Clock gives the time; nil means time.Now. Emulators move it.
	Clock func() time.Time
	// BinKept is how long deleted channels can come back; 0 for 30 days.
	BinKept time.Duration
	// ChangesKept is how long the records of changes are kept; 0 for two years.
	ChangesKept time.Duration
	// Metrics are told of jobs and webhooks; nil for none.
	Metrics *metrics.Metrics
	// Idle says that jobs, and what is done at intervals, are left to servers.
	Idle bool
	// Webhooks calls webhooks; nil if this process calls none. The caller closes it after
	// the engine.
	Webhooks *webhook.Sender
	// Alone says that nobody else writes to the database, so that the engine needn't look
	// for what others do.
	Alone bool
}

// Engine is a chat.Provider of our own.
type Engine struct {
	Effects
	*ledger.Ledger
	*job.Runner
	*delivery.Service

	Store *sqlstore.Store // for what adds operations

	changesKept time.Duration
	binKept     time.Duration

	logger     *slog.Logger
	list       channelList
	overview   recent[chat.Overview]
	highlights recent[chat.Highlights]
	news       chan struct{} // another server has changed something beyond channels
	missed     atomic.Bool   // hints of other servers may have been lost
	stop       context.CancelFunc
	chores     sync.WaitGroup
}

// Effects are the checks and changes that operations are made of, each within the
// transaction of an operation. There is one for each rule: whatever adds an operation,
// as Stream's API does, puts it together from these.
type Effects struct {
	avatarBase string
	clock      func() time.Time
	policy     chat.Policy
	Hub        feed.Hub // tells those who listen at this node
	observer   atomic.Pointer[func(sqlstore.Entry)]
	setup      settingsCache
	revoked    revocations
	bus        *bus.Bus    // nil for none
	carries    bool        // other servers are told of entries: over the bus, or with hints
	fresh      []bus.Entry // of the transaction that was just committed; the writer's
}

var _ chat.Provider = (*Engine)(nil)

// New returns an engine on an open store. The caller closes the store after the engine.
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
	if e.clock == nil {
		e.clock = time.Now
	}
	e.changesKept, e.binKept = cmp.Or(o.ChangesKept, chat.ChangesKept), cmp.Or(o.BinKept, chat.BinKept)
	e.Ledger = ledger.New(o.Store, o.Logger, e.now)
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

// Close ends the engine's background work.
func (e *Engine) Close() {
	e.Service.Close()
	e.stop()
	e.chores.Wait()
	e.bus.Close()
}

// Ready reports why the database can't answer, or nil.
func (e *Engine) Ready(ctx context.Context) error { return e.Store.Ready(ctx) }

// avatarURL is the address of an avatar, "" if a browser must not open it: through Stream's
// API any address can come.
func (e *Effects) avatarURL(file string) string {
	switch {
	case file == "" || chat.IsWebAddress(file):
		return file
	case strings.Contains(file, "://"):
		return ""
	}
	return e.avatarBase + url.PathEscape(file)
}

// Now is the engine's time, in UTC and in the microseconds that the database keeps.
func (e *Effects) Now() time.Time { return e.clock().UTC().Truncate(time.Microsecond) }

func (e *Effects) now() time.Time { return e.Now() }
