package sqlstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"backchannel/internal/chat"
)

// Servers with one PostgreSQL database announce the ends of logs to each other with NOTIFY. It is
// sent after the commit, on a connection of its own: within the transaction it would cost half of
// the throughput, since PostgreSQL commits only one transaction with a NOTIFY at a time. New
// messages are included if they fit, which saves the other servers from reading them. A lost hint
// costs time, never an event.
const (
	hintTopic   = "backchannel"
	maxHint     = 7_900 // bytes; the maximum of NOTIFY is 8,000
	hintTimeout = 5 * time.Second
	hintPause   = time.Second // before a connection is retried
	lastHints   = time.Second // for the last hints when the store is closed

	// A hint wakes a connection and a process for each server, and takes as much CPU as the commit
	// of a small batch. So under load, when a hint announces many logs, the next one waits and
	// announces several commits.
	manyLogs   = 8
	restForLog = time.Millisecond // after a hint about many logs, for each of them
	maxRest    = 25 * time.Millisecond
)

// A transaction with a NOTIFY counts as a writing one. Others receive it only after its COMMIT,
// which for a hint doesn't have to wait for the disk.
const notifyText = `SELECT set_config('synchronous_commit', 'off', true), pg_notify(topic, text)
	FROM unnest($1::text[], $2::text[]) hint (topic, text)`

// Hint is what another server announces about its commits.
type Hint struct {
	// Events are about new messages, if all of them fitted into the hint. The next hint announces
	// the ends of their logs.
	Events []chat.Event
	// Logs are the new ends of logs, by the number of the channel, 0 for the back office's log.
	Logs map[int64]int64
	// From identifies the sending server: its [Hinter.Node].
	From string
	// Missed means that hints may have been lost.
	Missed bool
}

// Hinter sends hints and receives those of other servers. On SQLite it is nil and does neither.
type Hinter struct {
	url    string // for sending
	from   string // for receiving
	node   string // distinguishes our own hints from others'
	secret func(context.Context) (string, error)
	logger *slog.Logger
	wake   chan struct{}
	stop   context.CancelFunc
	done   chan struct{}          // closed when sending has ended
	works  atomic.Bool            // hints of other servers arrive
	silent bool                   // a warning that they don't was logged; used by Listen only
	topic  atomic.Pointer[string] // topic of hints with events; nil until it is known

	mu      sync.Mutex
	pending map[int64]int64 // the newest end of each log
	carried []chat.Event    // events to include
	size    int             // approximate size of carried in bytes; none is included beyond maxHint
}

// newHinter returns a hinter. The topic of hints with events has a secret name, known only to those
// who may read the database, since every role of PostgreSQL may listen.
func newHinter(o Options, secret func(context.Context) (string, error)) *Hinter {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hinter{url: o.URL, from: cmp.Or(o.ListenURL, o.URL), node: rand.Text(), secret: secret, logger: o.Logger,
		wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{}), pending: map[int64]int64{}}
	go h.run(ctx)
	return h
}

// Carry includes the event of a new message in the next hint, if all such events fit into it, so
// that receivers don't have to read the log. It doesn't block.
func (h *Hinter) Carry(event chat.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.size += event.Message.Size(); h.size > maxHint {
		h.carried = nil
		return
	}
	h.carried = append(h.carried, event)
}

// note announces a commit to other servers. It doesn't block. A nil hinter does nothing.
func (h *Hinter) note(logs map[int64]int64) {
	if h == nil || len(logs) == 0 {
		return
	}
	h.mu.Lock()
	for no, seq := range logs {
		h.pending[no] = max(h.pending[no], seq)
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hinter) close() {
	if h != nil {
		h.stop()
		<-h.done
	}
}

func (h *Hinter) run(ctx context.Context) {
	defer close(h.done)
	var conn *pgx.Conn
	defer func() { closeSoon(conn) }()
	for {
		select {
		case <-h.wake:
			var told int
			conn, told = h.send(ctx, conn)
			if pause := rest(told); pause > 0 {
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastHints)
			conn, _ = h.send(last, conn)
			cancel()
			return
		}
	}
}

// rest returns how long the next hint waits after one about so many logs.
func rest(logs int) time.Duration {
	if logs < manyLogs {
		return 0
	}
	return min(time.Duration(logs)*restForLog, maxRest)
}

// send sends what is pending. It returns the connection, nil if it is lost, and how many logs it
// has announced.
func (h *Hinter) send(ctx context.Context, conn *pgx.Conn) (_ *pgx.Conn, told int) {
	logs, events := h.take()
	if len(logs) == 0 {
		return conn, 0
	}
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	if conn == nil {
		var err error
		if conn, err = pgx.Connect(ctx, h.url); err != nil {
			return nil, 0 // the other servers poll
		}
	}
	texts := h.texts(logs)
	topics := slices.Repeat([]string{hintTopic}, len(texts))
	if text := h.eventsText(events); text != "" {
		if topic, err := h.eventTopic(ctx); err == nil {
			topics, texts = slices.Insert(topics, 0, topic), slices.Insert(texts, 0, text)
		}
	}
	if _, err := conn.Exec(ctx, notifyText, topics, texts); err != nil {
		closeSoon(conn)
		return nil, 0
	}
	return conn, len(logs)
}

// take takes what is pending. Events wait for the ends of their logs.
func (h *Hinter) take() (logs map[int64]int64, events []chat.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pending) == 0 {
		return nil, nil
	}
	logs, events = h.pending, h.carried
	h.pending, h.carried, h.size = make(map[int64]int64, len(logs)), nil, 0
	return logs, events
}

// eventTopic returns the topic of hints with events. Servers of other versions, whose events have
// another form, use another topic.
func (h *Hinter) eventTopic(ctx context.Context) (string, error) {
	if known := h.topic.Load(); known != nil {
		return *known, nil
	}
	secret, err := h.secret(ctx)
	if err != nil {
		return "", err
	}
	topic := hintTopic + "_v1_" + secret
	h.topic.Store(&topic)
	return topic, nil
}

// eventsText encodes the sender and events; "" if they don't fit.
func (h *Hinter) eventsText(events []chat.Event) string {
	if len(events) == 0 {
		return ""
	}
	text, err := chat.Encode(events)
	if err != nil || len(h.node)+1+len(text) > maxHint {
		return ""
	}
	return h.node + " " + string(text)
}

func closeSoon(conn *pgx.Conn) {
	if conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), lastHints)
		defer cancel()
		_ = conn.Close(ctx)
	}
}

// texts encodes hints: the sender, and pairs of numbers in base 36.
func (h *Hinter) texts(logs map[int64]int64) (texts []string) {
	var b strings.Builder
	for no, seq := range logs {
		if b.Len() == 0 {
			b.WriteString(h.node)
		}
		fmt.Fprintf(&b, " %s:%s", strconv.FormatInt(no, 36), strconv.FormatInt(seq, 36))
		if b.Len() > maxHint-2*14 {
			texts = append(texts, b.String())
			b.Reset()
		}
	}
	if b.Len() > 0 {
		texts = append(texts, b.String())
	}
	return texts
}

// parseHint parses a hint of another server.
func parseHint(topic, text, node string) (Hint, bool) {
	from, rest, _ := strings.Cut(text, " ")
	if from == node {
		return Hint{}, false
	}
	hint := Hint{From: from, Logs: map[int64]int64{}}
	if topic != hintTopic {
		return hint, chat.Decode([]byte(rest), &hint.Events) == nil
	}
	for pair := range strings.FieldsSeq(rest) {
		left, right, _ := strings.Cut(pair, ":")
		no, err := strconv.ParseInt(left, 36, 64)
		seq, err2 := strconv.ParseInt(right, 36, 64)
		if err != nil || err2 != nil {
			return Hint{From: from, Missed: true}, true
		}
		hint.Logs[no] = seq
	}
	return hint, true
}

// Node identifies this store's hints. No other store has the same value.
func (h *Hinter) Node() string {
	if h == nil {
		return ""
	}
	return h.node
}

// Works reports whether hints of other servers arrive now.
func (h *Hinter) Works() bool { return h != nil && h.works.Load() }

// Listen calls fn with the hints of other servers until ctx ends.
func (h *Hinter) Listen(ctx context.Context, fn func(Hint)) {
	if h == nil {
		return
	}
	for ctx.Err() == nil {
		err := h.listen(ctx, fn)
		h.works.Store(false)
		if ctx.Err() == nil && !h.silent {
			h.silent = true
			h.logger.Warn("hints of other servers don't arrive; until they do the database is polled every second", "cause", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(hintPause):
		}
	}
}

// errNoHints occurs with a connection pooler that uses another connection for each transaction.
var errNoHints = errors.New("NOTIFY doesn't reach a LISTEN on this connection: " +
	"give a URL that leads to PostgreSQL itself with --database-listen-url")

// listen receives hints as long as its connection lasts.
func (h *Hinter) listen(ctx context.Context, fn func(Hint)) error {
	conn, err := pgx.Connect(ctx, h.from)
	if err != nil {
		return err
	}
	defer closeSoon(conn)
	topic, err := h.eventTopic(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+hintTopic+"; LISTEN "+topic); err != nil {
		return err
	}
	if err := h.hearOurselves(ctx, conn); err != nil {
		return err
	}
	h.works.Store(true)
	if h.silent {
		h.silent = false
		h.logger.Info("hints of other servers arrive again")
	}
	fn(Hint{Missed: true})
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if hint, ok := parseHint(n.Channel, n.Payload, h.node); ok {
			fn(hint)
		}
	}
}

// hearOurselves checks whether hints arrive, by sending one on another connection.
func (h *Hinter) hearOurselves(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	h.note(map[int64]int64{-1: 0})
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("%w (%w)", errNoHints, err)
		}
		if strings.HasPrefix(n.Payload, h.node) {
			return nil
		}
	}
}

// ChannelsByNo returns the channels that exist, by their numbers.
func (s *Store) ChannelsByNo(ctx context.Context, numbers []int64) (map[int64]chat.CID, error) {
	found := make(map[int64]chat.CID, len(numbers))
	for chunk := range Chunks(numbers) {
		marks, args := In(chunk, func(no int64) any { return no })
		rows, err := s.Query(ctx, `SELECT no, cid, seq FROM channels WHERE no IN `+marks, args...)
		list, err := Collect(rows, err, scanLogged)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			found[c.no] = SplitCID(c.cid)
		}
	}
	return found, nil
}

// reached records the new end of a log.
func (tx *Tx) reached(no, seq int64) {
	if tx.writer.hints == nil {
		return
	}
	if tx.logs == nil {
		tx.logs = map[int64]int64{}
	}
	tx.logs[no] = max(tx.logs[no], seq)
}

// Channels returns the numbers of the channels whose logs have grown.
func (h Hint) Channels() []int64 {
	numbers := make([]int64, 0, len(h.Logs))
	for no := range h.Logs {
		if no > 0 {
			numbers = append(numbers, no)
		}
	}
	return numbers
}
