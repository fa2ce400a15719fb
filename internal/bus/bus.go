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

	"github.com/nats-io/nats.go" // the client that NATS itself maintains; Apache-2.0

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
)

// Options say where the bus is, and whose it is. URL, Database, Epoch and Logger are
// needed.
type Options struct {
	URL   string // nats://… or tls://…, with user:password@ or token@; several with commas
	Creds string // a file with a user's JWT and NKey; "" for none
	NKey  string // a file with an NKey's seed; "" for none
	CA    string // a file with the authorities that NATS's certificate may be from; "" for the system's
	Cert  string // files of the certificate that this server shows NATS, and of its key
	Key   string

	// MaxPending is how many bytes that arrived may wait to be read, before some are dropped;
	// 0 for 64 MiB.
	MaxPending int

	Database string // the database's id: servers of others have another
	Node     string // this server's name, for the logs of others
	Epoch    string // of this start of the server: no other has the same
	Logger   *slog.Logger
	Metrics  *metrics.Metrics // nil for none
}

// Handler is told what arrives. Its functions must not wait, except Complete.
type Handler struct {
	// Entries has what another server appended to logs.
	Entries func(list []Entry)
	// Signal has what isn't stored.
	Signal func(Signal)
	// Missed says that frames may have been lost: the logs must be read.
	Missed func()
	// Complete adds the events to entries that lack them, before they are sent. It may
	// leave some out.
	Complete func(list []Entry)
}

// Entry is one of a log.
type Entry struct {
	CID   chat.CID    // zero for the back office
	Seq   int64       //
	Event *chat.Event `json:",omitzero"` // nil if whoever needs it must read it
}

// Signal is an event that isn't stored, for those who follow a channel, or one user.
type Signal struct {
	To    string `json:",omitzero"` // the user's id; "" for a channel
	Event chat.Event
}

const (
	beatEvery   = 250 * time.Millisecond
	silentAfter = 4 * beatEvery
	// rememberFor is how long a server that fell silent may still be at work, cut off from
	// the bus.
	rememberFor = time.Minute

	maxQueue       = 1024     // batches that wait to be sent
	maxQueueBytes  = 64 << 20 // about, of these
	maxPending     = 64 << 20 // bytes that arrived and wait to be read
	maxSignals     = 4096     // that wait to be sent
	maxPeers       = 1000     // servers that are heard
	connectTimeout = 5 * time.Second
	reconnectWait  = 250 * time.Millisecond
	pingEvery      = 2 * time.Second
)

// Bus is a connection to NATS. A nil *Bus is off: it takes everything and sends nothing.
type Bus struct {
	o       Options
	setup   nats.Options
	conn    *nats.Conn // nil until started
	handler Handler

	queue   chan []Entry
	signals chan Signal
	queued  atomic.Int64 // bytes, about
	dropped atomic.Int64 // batches, since the last frame
	stop    chan struct{}
	done    sync.WaitGroup

	mu        sync.Mutex
	connected bool
	peers     map[string]*peer     // by epoch
	silent    map[string]time.Time // since when, of servers that fell silent
}

// peer is another server that is heard.
type peer struct {
	node   string
	number int64 // of its last frame
	heard  time.Time
}

// New returns a bus that isn't connected yet. An error says what is wrong with the options.
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
		nats.ReconnectBufSize(-1), // an old frame is worth nothing
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

// Start connects, and begins to listen and to send. It doesn't wait for NATS: a server
// works without, and the connection is tried until it succeeds. It is called once.
func (b *Bus) Start(h Handler) {
	if b == nil {
		return
	}
	b.handler = h
	if err := b.connect(); err != nil { // it isn't NATS that fails here
		b.o.Logger.Error("there is no bus; the database is asked for news", "cause", err)
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

// subject is where servers of one database, which understand each other, meet.
func (b *Bus) subject(what string) string { return "backchannel.v1." + b.o.Database + "." + what }

// Close sends what waits, and disconnects.
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

// Hears reports whether the server of that epoch is heard without a gap.
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

// up reads on from the logs, since others may have sent something meanwhile.
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
	b.o.Logger.Warn("the connection to NATS is lost; until it is back the database is asked for news", "cause", err)
	b.handler.Missed()
}

// unreachable logs the first of several failures to connect.
func (b *Bus) unreachable() nats.ConnErrHandler {
	var said atomic.Value
	return func(_ *nats.Conn, err error) {
		if text := err.Error(); said.Swap(text) != text {
			b.o.Logger.Warn("NATS can't be reached; until it can the database is asked for news", "cause", err)
		}
	}
}

// failed hears of errors that no call returns.
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

// lose notes that a server fell silent. The caller holds the lock.
func (b *Bus) lose(epoch string) {
	delete(b.peers, epoch)
	if len(b.silent) < maxPeers {
		b.silent[epoch] = time.Now()
	}
}

// CheckURL says what is wrong with an address of NATS.
func CheckURL(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(one), "://")
		if scheme != "nats" && scheme != "tls" || cmp.Or(rest, "/")[0] == '/' {
			return errors.New("give nats://HOST:PORT or tls://HOST:PORT, several with commas")
		}
	}
	return nil
}
