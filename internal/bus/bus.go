package bus

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go" // the official client; Apache-2.0

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

// Options configure a [Bus]. URL, Database, Epoch and Logger are required.
type Options struct {
	URL   string // nats://… or tls://…, with user:password@ or token@; several separated by commas
	Creds string // file with a user's JWT and NKey; "" for none
	NKey  string // file with an NKey's seed; "" for none
	CA    string // file with the trusted authorities for NATS's certificate; "" for the system's
	Cert  string // files with the client certificate for NATS and its key
	Key   string

	// MaxPending is the maximum size in bytes of received data that waits to be read, before some is
	// dropped; 0 for 64 MiB.
	MaxPending int

	Database string // the database's id: only servers with the same id communicate
	Node     string // this server's name, for the logs of other servers
	Epoch    string // identifies this run of the server
	Logger   *slog.Logger
	Metrics  *metrics.Metrics // nil for none
}

// Handler handles what other servers send. Its functions must not block, except Complete.
type Handler struct {
	// Entries receives entries that another server appended to logs.
	Entries func(list []Entry)
	// Signal receives ephemeral events.
	Signal func(Signal)
	// Missed reports that frames may have been lost, so that the logs must be read.
	Missed func()
	// Complete adds events to entries that lack them, before they are sent. It may leave some
	// without.
	Complete func(list []Entry)
}

// Entry is an entry of a log.
type Entry struct {
	CID   chat.CID    // zero for the back office's log
	Seq   int64       //
	Event *chat.Event `json:",omitzero"` // nil if receivers must read it from the log
}

// Signal is an ephemeral event, for the followers of a channel or for one user.
type Signal struct {
	To    string `json:",omitzero"` // the user's id; "" for a channel
	Event chat.Event
}

const (
	beatEvery   = 250 * time.Millisecond
	silentAfter = 4 * beatEvery
	// rememberFor is how long a silent server is assumed to be still running, disconnected from
	// NATS.
	rememberFor = time.Minute

	maxQueue       = 1024     // batches waiting to be sent
	maxQueueBytes  = 64 << 20 // approximate size of these
	maxPending     = 64 << 20 // bytes received and waiting to be read
	maxSignals     = 4096     // signals waiting to be sent
	maxPeers       = 1000     // servers that are heard
	connectTimeout = 5 * time.Second
	reconnectWait  = 250 * time.Millisecond
	pingEvery      = 2 * time.Second
)

// Bus is a connection to NATS. A nil *Bus is disabled: it accepts everything and sends nothing.
type Bus struct {
	o       Options
	setup   nats.Options
	conn    *nats.Conn // nil until started
	handler Handler

	queue   chan []Entry
	signals chan Signal
	queued  atomic.Int64 // approximate bytes
	dropped atomic.Int64 // batches, since the last frame
	stop    chan struct{}
	done    sync.WaitGroup

	mu        sync.Mutex
	connected bool
	peers     map[string]*peer     // by epoch
	silent    map[string]time.Time // servers that fell silent, and since when
}

// peer is another server that is heard.
type peer struct {
	node   string
	number int64 // number of its last frame
	heard  time.Time
}

// New returns a bus that isn't connected yet. It fails if the options aren't valid.
func New(o Options) (*Bus, error) {
	b := &Bus{o: o, setup: nats.GetDefaultOptions(), queue: make(chan []Entry, maxQueue), signals: make(chan Signal, maxSignals),
		stop: make(chan struct{}), peers: map[string]*peer{}, silent: map[string]time.Time{}}
	if err := CheckURL(o.URL); err != nil {
		return nil, err
	}
	for one := range strings.SplitSeq(o.URL, ",") {
		b.setup.Servers = append(b.setup.Servers, strings.TrimSpace(one))
	}
	list, err := b.options()
	if err != nil {
		return nil, err
	}
	for _, set := range list {
		if err := set(&b.setup); err != nil {
			return nil, err
		}
	}
	o.Metrics.Gauge("bus_connected", "1 if the server is connected to NATS, else 0.", func() float64 {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.connected {
			return 1
		}
		return 0
	})
	o.Metrics.Gauge("bus_nodes", "Other servers that are heard over NATS.", func() float64 {
		b.mu.Lock()
		defer b.mu.Unlock()
		return float64(len(b.peers))
	})
	return b, nil
}

func (b *Bus) options() ([]nats.Option, error) {
	o := b.o
	for _, file := range []string{o.Creds, o.NKey, o.CA, o.Cert, o.Key} {
		if _, err := os.Stat(file); file != "" && err != nil {
			return nil, err
		}
	}
	list := []nats.Option{
		nats.Name("backchannel " + o.Node), nats.NoEcho(), nats.Timeout(connectTimeout),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), // old frames are useless
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(b.up), nats.ReconnectHandler(b.up),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.down(err) }),
		nats.ReconnectErrHandler(b.unreachable()), nats.ErrorHandler(b.failed),
	}
	if o.Creds != "" {
		list = append(list, nats.UserCredentials(o.Creds))
	}
	if o.NKey != "" {
		nkey, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, fmt.Errorf("reading the NKey's seed: %w", err)
		}
		list = append(list, nkey)
	}
	if o.CA != "" {
		list = append(list, nats.RootCAs(o.CA))
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, errors.New("a certificate and its key go together")
	}
	if o.Cert != "" {
		list = append(list, nats.ClientCert(o.Cert, o.Key))
	}
	return list, nil
}

// Start connects to NATS, and starts to receive and send. It doesn't wait for NATS: the server
// works without it, and the connection is retried until it succeeds. Start must be called once.
func (b *Bus) Start(h Handler) {
	if b == nil {
		return
	}
	b.handler = h
	if err := b.connect(); err != nil { // not a failure of NATS
		b.o.Logger.Error("starting the bus failed; the database is polled instead", "cause", err)
		return
	}
	b.done.Go(b.run)
}

func (b *Bus) connect() (err error) {
	if b.conn, err = b.setup.Connect(); err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	for subject, hear := range map[string]nats.MsgHandler{b.subject("log"): b.hear, b.subject("signals"): b.hearSignal} {
		sub, err := b.conn.Subscribe(subject, hear)
		if err == nil {
			err = sub.SetPendingLimits(-1, cmp.Or(b.o.MaxPending, maxPending))
		}
		if err != nil {
			return fmt.Errorf("subscribing to NATS: %w", err)
		}
	}
	return nil
}

// subject returns the subject that compatible servers with the same database use.
func (b *Bus) subject(what string) string { return "backchannel.v1." + b.o.Database + "." + what }

// Close sends what is waiting and disconnects.
func (b *Bus) Close() {
	if b == nil {
		return
	}
	close(b.stop)
	b.done.Wait()
	if b.conn != nil {
		_ = b.conn.FlushTimeout(time.Second)
		b.conn.Close()
	}
}

// Hears reports whether frames of that epoch's server arrive without gaps.
func (b *Bus) Hears(epoch string) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected && b.peers[epoch] != nil
}

// Whole reports whether all servers that were heard in the last minute are heard now.
func (b *Bus) Whole() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected && len(b.silent) == 0
}

// up makes the logs be read, since other servers may have sent something in the meantime.
func (b *Bus) up(conn *nats.Conn) {
	b.mu.Lock()
	b.connected = true
	b.mu.Unlock()
	b.o.Logger.Info("connected to NATS", "url", conn.ConnectedUrlRedacted())
	b.handler.Missed()
}

// down treats all servers as silent.
func (b *Bus) down(err error) {
	b.mu.Lock()
	b.connected = false
	for epoch := range b.peers {
		b.lose(epoch)
	}
	b.mu.Unlock()
	select {
	case <-b.stop:
		return
	default:
	}
	b.o.Logger.Warn("the connection to NATS is lost; until it is back the database is polled", "cause", err)
	b.handler.Missed()
}

// unreachable logs the first of several failures to connect.
func (b *Bus) unreachable() nats.ConnErrHandler {
	var said atomic.Value
	return func(_ *nats.Conn, err error) {
		if text := err.Error(); said.Swap(text) != text {
			b.o.Logger.Warn("NATS can't be reached; until it can the database is polled", "cause", err)
		}
	}
}

// failed handles errors that no call returns.
func (b *Bus) failed(_ *nats.Conn, sub *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		b.gap()
	}
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	b.o.Logger.Warn("NATS reports a fault", "subject", subject, "cause", err)
}

func (b *Bus) gap() {
	b.o.Metrics.BusGap()
	b.handler.Missed()
}

// lose records that a server fell silent. The caller must hold the lock.
func (b *Bus) lose(epoch string) {
	delete(b.peers, epoch)
	if len(b.silent) < maxPeers {
		b.silent[epoch] = time.Now()
	}
}

// CheckURL returns an error if an address of NATS isn't valid.
func CheckURL(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(one), "://")
		if scheme != "nats" && scheme != "tls" || cmp.Or(rest, "/")[0] == '/' {
			return errors.New("give nats://HOST:PORT or tls://HOST:PORT, several with commas")
		}
	}
	return nil
}
