package delivery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/hookstore"
)

const (
	// holdEvery is the maximum time between two checks of the lease.
	holdEvery = 2 * time.Second
	// sureFor is how long after a check a call may start, so that it ends before another server can
	// get the lease: the lease is valid for at least 10 s, and a call takes at most 6 s.
	sureFor = 4 * time.Second
	// takeEvery is how often a server tries to get a lease that another server holds.
	takeEvery = 3 * time.Second

	atOnce    = 8 // concurrent calls of one webhook
	maxWoken  = 10_000
	noteEvery = 250 * time.Millisecond // how often results of deliveries are stored
	skipEvery = 2 * time.Second        // how often positions are stored after entries without deliveries
	notedFull = 100                    // number of results that are stored without waiting
	notedMost = 500                    // rows of one transaction
	noteTime  = 5 * time.Second
	scanEvery = 10 * time.Second // how often all logs are checked, in case some have grown unnoticed
	scanShare = 50               // or less often, so that scanning takes at most 1/scanShare of the time
	setBack   = time.Minute      // how much of the past is read if the clock was set back
	tidyEvery = time.Hour        // how often rows that nobody needs are removed

	brokenPause = 5 * time.Second // before a log that couldn't be read is read again
)

// pauses are the waits before the second, third, … attempt; the last one repeats.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

var errLost = errors.New("another server sends to this webhook now, or it begins anew")

// courier delivers events to one webhook, as it was configured when the courier was created.
type courier struct {
	*Service
	endpoint hookstore.Endpoint
	ctx      context.Context
	stop     context.CancelFunc

	duty    *job.Duty
	lease   sqlstore.Lease
	held    atomic.Int64 // when the lease was last held, in nanoseconds since started
	started time.Time

	mu    sync.Mutex
	woken map[chat.CID]struct{}
	all   bool // too many logs were woken: check all
	news  chan struct{}

	// Used only by the courier's own goroutine.
	lines   map[int64]*line // by log
	ready   []*line         // lines that have something to deliver
	running int
	back    chan trip

	scanned   time.Time // when all logs were last checked
	scanPause time.Duration
	noted     time.Time
	tidied    time.Time
	told      []chat.Delivery // not stored yet
	failing   time.Time       // of the first delivery that failed; zero if none is being retried

	// For metrics.
	waiting atomic.Int64 // logs with a delivery that is being retried
	oldest  atomic.Int64 // time of the oldest first attempt among these, in seconds since 1970; 0 for none
}

// line is a log with events that the webhook hasn't received.
type line struct {
	hookstore.LogPosition
	dirty   bool           // the position isn't stored
	queued  bool           // it is ready or in progress
	failed  *chat.Delivery // the next delivery, if it failed
	again   []chat.Delivery
	retryAt time.Time // when to retry; zero for never
}

func newCourier(ctx context.Context, s *Service, e hookstore.Endpoint) *courier {
	c := &courier{Service: s, endpoint: e, duty: job.NewDuty(s.Store, "webhook "+e.ID), started: time.Now(), woken: map[chat.CID]struct{}{}, news: make(chan struct{}, 1), back: make(chan trip, atOnce)}
	c.ctx, c.stop = context.WithCancel(ctx)
	return c
}

// since returns when logs without a position start. If the clock was set back to before that time,
// new entries have earlier times too.
func (c *courier) since() time.Time {
	if now := c.Now(); now.Before(c.endpoint.Since) {
		return now.Add(-setBack)
	}
	return c.endpoint.Since
}

// wake reports that a log has grown, and whether by a new message.
func (c *courier) wake(cid chat.CID, message bool) {
	if message && !c.endpoint.Wants(chat.MessageNew) {
		return // the next scan of all logs finds it
	}
	c.mu.Lock()
	if len(c.woken) < maxWoken {
		c.woken[cid] = struct{}{}
	} else {
		c.all = true
	}
	c.mu.Unlock()
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// run delivers until the courier is stopped.
func (c *courier) run() {
	defer c.stop()
	for c.ctx.Err() == nil {
		held, err := c.hold(c.ctx)
		if held && err == nil {
			err = c.work(c.ctx)
		}
		if err != nil && c.ctx.Err() == nil {
			c.Logger.Warn("delivering to a webhook was interrupted", "webhook", c.endpoint.ID, "error", err)
		}
		select {
		case <-c.ctx.Done():
		case <-time.After(takeEvery):
		}
	}
}

// hold acquires or renews the lease.
func (c *courier) hold(ctx context.Context) (held bool, err error) {
	now := time.Since(c.started)
	if c.lease, held, err = c.duty.On(ctx); held {
		c.held.Store(int64(now))
	}
	return held, err
}

// sure reports whether a call that starts now ends before the lease does.
func (c *courier) sure() bool {
	return time.Since(c.started)-time.Duration(c.held.Load()) < sureFor
}

// work delivers while the lease is held.
func (c *courier) work(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	err := c.load(ctx)
	for err == nil && ctx.Err() == nil {
		if err = c.step(ctx); err != nil {
			break
		}
		select {
		case <-ctx.Done():
		case t := <-c.back:
			c.took(t)
		case <-c.news:
		case <-time.After(c.idle()):
		}
	}
	cancel()
	return errors.Join(err, c.leave(errors.Is(err, errLost)))
}

// step does what is due.
func (c *courier) step(ctx context.Context) error {
	if held, err := c.hold(ctx); err != nil || !held {
		return errors.Join(err, errLost)
	}
	if err := c.gather(ctx); err != nil {
		return err
	}
	c.send(ctx)
	for more := true; more; {
		select {
		case t := <-c.back:
			c.took(t)
			c.send(ctx)
		default:
			more = false
		}
	}
	return c.noteIfDue(ctx)
}

// leave stores the last results and releases the lease.
func (c *courier) leave(lost bool) error {
	for c.running > 0 {
		c.took(<-c.back)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), noteTime)
	defer cancel()
	var err error
	if !lost {
		err = c.note(ctx)
	}
	return errors.Join(err, c.duty.Rest(ctx))
}

// load reads the stored positions and failed deliveries.
func (c *courier) load(ctx context.Context) error {
	c.lines, c.ready, c.told, c.scanned, c.failing = map[int64]*line{}, nil, nil, time.Time{}, time.Time{}
	if err := c.scan(ctx); err != nil {
		return err
	}
	list, err := c.stored.Retrying(ctx, c.endpoint.ID)
	if err != nil {
		return err
	}
	for _, r := range list {
		l := c.lines[r.Log]
		switch {
		case r.Told && l == nil:
			l = &line{LogPosition: hookstore.LogPosition{No: r.Log, Seq: r.Seq, End: r.Seq}}
			if r.Log != 0 {
				l.CID = r.CID
			}
			c.lines[r.Log] = l
			fallthrough
		case r.Told:
			l.again = append(l.again, r.Delivery)
		case l == nil: // the log was deleted
			c.giveUp(&r.Delivery, "The channel was deleted.")
			c.told = append(c.told, r.Delivery)
		default:
			l.failed = &r.Delivery
		}
		if l != nil {
			l.plan()
		}
	}
	return nil
}

// plan sets the time of the line's next retry.
func (l *line) plan() {
	l.retryAt = time.Time{}
	if l.failed != nil {
		l.retryAt = l.failed.NextAt
	}
	for _, d := range l.again {
		if l.retryAt.IsZero() || d.NextAt.Before(l.retryAt) {
			l.retryAt = d.NextAt
		}
	}
}

// gather looks for new events.
func (c *courier) gather(ctx context.Context) error {
	c.mu.Lock()
	woken, all := c.woken, c.all
	c.woken, c.all = map[chat.CID]struct{}{}, false
	c.mu.Unlock()
	if all || time.Since(c.scanned) >= c.scanPause {
		return c.scan(ctx)
	}
	if len(woken) > 0 {
		var cids []chat.CID
		for cid := range woken {
			if cid != (chat.CID{}) || c.Hosted {
				cids = append(cids, cid)
			}
		}
		_, office := woken[chat.CID{}]
		if err := c.ahead(ctx, cids, office); err != nil {
			return err
		}
	}
	for _, l := range c.lines {
		if !l.queued && !l.retryAt.IsZero() && c.due(l.retryAt) {
			c.queue(l)
		}
	}
	return nil
}

// due reports whether it is time for a retry. One that is further ahead than the longest pause was
// planned before the clock was set back.
func (c *courier) due(at time.Time) bool {
	wait := at.Sub(c.Now())
	return wait <= 0 || wait > c.Pauses[len(c.Pauses)-1]
}

// ahead checks some logs, and that of the back office if office is true.
func (c *courier) ahead(ctx context.Context, cids []chat.CID, office bool) error {
	if office && !c.Hosted {
		list, err := c.stored.Office(ctx, c.endpoint.ID, c.since())
		if err != nil {
			return err
		}
		c.add(list)
	}
	if len(cids) == 0 {
		return nil
	}
	list, err := c.stored.Ahead(ctx, c.endpoint.ID, c.since(), cids)
	c.add(list)
	return err
}

// scan checks all logs.
func (c *courier) scan(ctx context.Context) error {
	begun := time.Now()
	if err := c.ahead(ctx, nil, true); err != nil {
		return err
	}
	list, err := c.stored.Ahead(ctx, c.endpoint.ID, c.since(), nil)
	if err != nil {
		return err
	}
	c.add(list)
	c.scanned, c.scanPause = time.Now(), max(scanEvery, scanShare*time.Since(begun))
	return nil
}

func (c *courier) add(list []hookstore.LogPosition) {
	for _, p := range list {
		l := c.lines[p.No]
		if l == nil {
			l = &line{LogPosition: p, dirty: p.Fresh}
			c.lines[p.No] = l
		} else if l.End >= p.End {
			continue
		}
		if l.End = p.End; !l.queued && l.failed == nil {
			c.queue(l)
		}
	}
}

func (c *courier) queue(l *line) {
	l.queued = true
	c.ready = append(c.ready, l)
}

// send starts deliveries of ready lines, up to the limit.
func (c *courier) send(ctx context.Context) {
	for c.running < atOnce && len(c.ready) > 0 {
		l := c.ready[0]
		c.ready = c.ready[1:]
		c.running++
		t := trip{line: l, from: l.LogPosition, failed: l.failed}
		for i, d := range l.again {
			if c.due(d.NextAt) {
				t.again = &l.again[i]
				break
			}
		}
		t.waits = t.failed != nil && !c.due(t.failed.NextAt)
		go func() {
			c.travel(ctx, &t)
			c.back <- t
		}()
	}
}

// took processes the result of a trip.
func (c *courier) took(t trip) {
	c.running--
	l := t.line
	l.queued = false
	l.dirty = l.dirty || t.reached > l.Seq
	l.Seq = max(l.Seq, t.reached)
	c.told = append(c.told, t.told...)
	if !t.waits {
		l.failed = t.failed
	}
	c.logFailure(l.failed)
	if t.again != nil && t.againDone {
		l.again = without(l.again, t.again)
	}
	if t.gone {
		l.End, l.failed = l.Seq, nil
	}
	l.plan()
	switch {
	case t.broken:
		if at := c.Now().Add(brokenPause); l.retryAt.Before(at) {
			l.retryAt = at
		}
	case l.failed == nil && l.Seq < l.End:
		c.queue(l)
	}
}

func without(list []chat.Delivery, d *chat.Delivery) (rest []chat.Delivery) {
	for i := range list {
		if list[i].Seq != d.Seq {
			rest = append(rest, list[i])
		}
	}
	return rest
}

// idle returns how long there is nothing to do unless something happens.
func (c *courier) idle() time.Duration {
	wait := min(holdEvery, c.scanPause-time.Since(c.scanned))
	if due := c.noteDue(); due > 0 {
		wait = min(wait, due-time.Since(c.noted))
	}
	now := c.Now()
	waiting, oldest := int64(0), int64(0)
	for _, l := range c.lines {
		if !l.queued && !l.retryAt.IsZero() {
			wait = min(wait, l.retryAt.Sub(now))
		}
		if l.failed != nil {
			waiting++
			if at := l.failed.FirstAt.Unix(); oldest == 0 || at < oldest {
				oldest = at
			}
		}
	}
	if waiting == 0 {
		c.logRecovery()
	}
	c.waiting.Store(waiting)
	c.oldest.Store(oldest)
	return max(wait, time.Millisecond)
}

// noteDue returns how long after the last note the next one is due, 0 for never.
func (c *courier) noteDue() time.Duration {
	if len(c.told) > 0 {
		return noteEvery
	}
	for _, l := range c.lines {
		if l.dirty || !l.queued && l.retryAt.IsZero() {
			return skipEvery
		}
	}
	return 0
}

func (c *courier) noteIfDue(ctx context.Context) error {
	if due := c.noteDue(); due == 0 || time.Since(c.noted) < due && len(c.told) < notedFull {
		return nil
	}
	return c.note(ctx)
}

// note stores results and positions, and drops lines without further events.
func (c *courier) note(ctx context.Context) error {
	c.noted = time.Now()
	var dirty []*line
	for _, l := range c.lines {
		if l.dirty {
			dirty = append(dirty, l)
		}
	}
	tidy := time.Since(c.tidied) >= tidyEvery
	for len(dirty) > 0 || len(c.told) > 0 || tidy {
		lines, told := dirty[:min(len(dirty), notedMost)], c.told[:min(len(c.told), notedMost)]
		n := hookstore.Notes{Deliveries: told, Tidy: tidy}
		if tidy {
			var err error
			if n.Now, err = c.Past(ctx); err != nil {
				return err
			}
		}
		for _, l := range lines {
			n.Positions = append(n.Positions, l.LogPosition)
		}
		held := false
		err := c.Store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			held, err = c.stored.Note(tx, c.lease, c.endpoint, n)
			return err
		})
		if err == nil && !held {
			err = errLost
		}
		if err != nil {
			return err
		}
		for _, l := range lines {
			l.dirty = false
		}
		dirty, c.told = dirty[len(lines):], c.told[len(told):]
		if tidy {
			tidy, c.tidied = false, time.Now()
		}
	}
	for no, l := range c.lines {
		if !l.dirty && !l.queued && l.failed == nil && len(l.again) == 0 && l.Seq >= l.End {
			delete(c.lines, no)
		}
	}
	return nil
}
