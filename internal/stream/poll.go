package stream

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid" // as in operation.go

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// While there are subscribers, one of the servers with the same database polls Stream for changes.
// The others read the result from the database. The cost is bounded by time: one call each
// pollEvery, for any number of subscribers and channels.
//
// The calls take turns: the newest messages of some subscribed channels, then the messages changed
// since, including older ones and replies, then the back office's events.

const (
	pollLease = "poll hosted chat"
	leaseTime = 15 * time.Second
	wantedFor = 20 * time.Second // a server with subscribers repeats this before it expires
	noteEvery = time.Minute      // how often it is stored that a log was checked without news

	polledMessages = 30  // newest messages of a channel
	searchedAtOnce = 100 // channels in one search
)

// poller is the state of the server that polls Stream.
type poller struct {
	*Provider
	lease   sqlstore.Lease
	renewed time.Time
	turn    int
	next    int       // index of the first channel of the next turn
	further further   // pages of a search
	active  time.Time // time of the last message seen in any channel

	changed, users round
}

// further is where a search continues after a full page. Any number of messages may have been
// changed at the same time, so it continues after a message, not after a time.
type further struct {
	cids  []chat.CID
	since time.Time
	next  string // "" if there are no more
}

// poll looks for changes until ctx ends.
func (p *Provider) poll(ctx context.Context) {
	l := &poller{Provider: p, lease: sqlstore.Lease{Name: pollLease, Owner: uuid.NewString()}}
	defer l.rest(ctx)
	for ctx.Err() == nil {
		pause := p.pollEvery
		err := l.step(ctx)
		if err != nil && ctx.Err() == nil {
			p.logger.Warn("looking at Stream for news failed", "error", err)
			pause = max(pause, 5*time.Second)
		}
		if !p.heard() {
			l.rest(ctx)
			select {
			case <-ctx.Done():
			case <-p.wake:
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// heard reports whether this server has any subscribers.
func (p *Provider) heard() bool { return p.hub.BackOffice() || len(p.hub.Channels()) > 0 }

// rest releases the lease, for other servers that may have subscribers.
func (l *poller) rest(ctx context.Context) {
	if l.renewed.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxRecord)
	defer cancel()
	l.renewed = time.Time{}
	if err := l.store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.EndLease(l.lease) }); err != nil {
		l.logger.Warn("a lease was not given back", "lease", pollLease, "error", err)
	}
}

// holds acquires or renews the lease.
func (l *poller) holds(ctx context.Context) (held bool, err error) {
	if time.Since(l.renewed) < leaseTime/3 {
		return true, nil
	}
	begun := time.Now()
	err = l.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		var lease sqlstore.Lease
		if lease, held, err = tx.TakeLease(pollLease, l.lease.Owner, leaseTime); held {
			l.lease = lease
		}
		return err
	})
	if held = held && err == nil; held {
		l.renewed = begun
	} else {
		l.renewed = time.Time{}
	}
	return held, err
}

// step makes at most one call.
func (l *poller) step(ctx context.Context) error {
	if !l.heard() {
		return nil
	}
	if held, err := l.holds(ctx); err != nil || !held {
		return err
	}
	logs, err := l.store.HostedLogs(ctx)
	if err != nil {
		return err
	}
	office := slices.IndexFunc(logs, func(g sqlstore.HostedLog) bool { return g.CID == chat.CID{} })
	var turns []func(context.Context, []sqlstore.HostedLog) error
	channels := slices.DeleteFunc(slices.Clone(logs), func(g sqlstore.HostedLog) bool { return g.CID == chat.CID{} || g.Begun.IsZero() })
	if len(channels) > 0 {
		turns = append(turns, l.lookAtSome, l.search)
	}
	if len(channels) > ChannelPageSize {
		turns = append(turns, l.lookAtActive)
	}
	if office >= 0 && !logs[office].Begun.IsZero() {
		turns = append(turns, func(ctx context.Context, _ []sqlstore.HostedLog) error { return l.lookAtChannels(ctx, logs[office]) })
		if len(channels) > 0 {
			turns = append(turns, l.lookAtSome)
		}
		turns = append(turns, func(ctx context.Context, _ []sqlstore.HostedLog) error { return l.lookAtUsers(ctx, logs[office]) })
	}
	if len(turns) == 0 {
		return nil
	}
	l.turn = (l.turn + 1) % len(turns)
	return turns[l.turn](ctx, channels)
}

// under writes what was found while the lease is held.
func (l *poller) under(ctx context.Context, fn func(tx *sqlstore.Tx) error) error {
	return l.store.Write(ctx, func(tx *sqlstore.Tx) error {
		held, err := tx.HoldsLease(l.lease)
		if err != nil || !held {
			l.renewed = time.Time{}
			return err
		}
		return fn(tx)
	})
}

// lookAtSome reads the state of some of the channels and detects deleted ones.
func (l *poller) lookAtSome(ctx context.Context, channels []sqlstore.HostedLog) error {
	if l.next >= len(channels) {
		l.next = 0
	}
	some := channels[l.next:min(l.next+ChannelPageSize, len(channels))]
	l.next += len(some)
	names := make([]string, len(some))
	for i, log := range some {
		names[i] = log.CID.String()
	}
	list, err := l.readStates(ctx, stateQuery{filter: object{"cid": object{"$in": names}}, by: NewestFirst, limit: ChannelPageSize, messages: polledMessages, once: true})
	if err != nil {
		return err
	}
	if err := l.take(ctx, some, list); err != nil {
		return err
	}
	for _, log := range some {
		if !slices.ContainsFunc(list, func(o opened) bool { return o.channel.CID == log.CID.String() }) {
			if err := l.endChannel(ctx, log.CID); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookAtActive reads the channels with the most recent messages.
func (l *poller) lookAtActive(ctx context.Context, channels []sqlstore.HostedLog) error {
	if l.active.IsZero() {
		for _, log := range channels {
			if log.Newest.After(l.active) {
				l.active = log.Newest
			}
		}
	}
	list, err := l.readStates(ctx, stateQuery{filter: object{"last_message_at": object{"$gte": Stamp(l.active.Add(-openEdge))}},
		by: Sorting{"last_message_at", -1}, limit: ChannelPageSize, messages: polledMessages, once: true})
	if err != nil {
		return err
	}
	for _, o := range list {
		if at := orZero(o.channel.LastMessageAt); at.After(l.active) {
			l.active = at
		}
	}
	return l.take(ctx, channels, list)
}

// take appends what was read to the logs. If nothing is new, it writes nothing.
func (l *poller) take(ctx context.Context, logs []sqlstore.HostedLog, list []opened) error {
	for _, o := range list {
		i := slices.IndexFunc(logs, func(g sqlstore.HostedLog) bool { return g.CID.String() == o.channel.CID })
		if i < 0 {
			continue
		}
		fresh, err := l.newsOf(ctx, logs[i], l.seen(logs[i], o))
		if err != nil {
			return err
		}
		if len(fresh) == 0 && logs[i].Idle < noteEvery {
			continue
		}
		err = l.under(ctx, func(tx *sqlstore.Tx) error {
			if err := l.tellIn(tx, told{cid: logs[i].CID, seen: fresh, asked: logs[i].Seq}); err != nil {
				return err
			}
			return tx.FollowedHosted(logs[i], o.newest(), time.Time{})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// search finds the messages that were changed last in the channels.
func (l *poller) search(ctx context.Context, channels []sqlstore.HostedLog) error {
	at := l.further
	if l.further = (further{}); at.next == "" {
		slices.SortFunc(channels, func(a, b sqlstore.HostedLog) int { return a.Searched.Compare(b.Searched) })
		channels = channels[:min(len(channels), searchedAtOnce)]
		at.since = channels[0].Searched.Add(-openEdge)
		for _, log := range channels {
			at.cids = append(at.cids, log.CID)
		}
	}
	names := make([]string, len(at.cids))
	for i, cid := range at.cids {
		names[i] = cid.String()
	}
	page, next, err := l.searchPage(ctx, object{
		"filter_conditions":         object{"cid": object{"$in": names}},
		"message_filter_conditions": object{"updated_at": object{"$gte": Stamp(at.since)}},
		"sort":                      []Sorting{LeastChangedFirst}, "limit": repliesPageSize,
	}, at.next, true)
	if refusedSearch(err) {
		return nil // the channel's type can't be searched: its newest messages are checked nevertheless
	}
	if err != nil {
		return err
	}
	last := at.since
	for _, w := range page {
		if at := w.changedAt(); at.After(last) {
			last = at
		}
	}
	if next == at.next { // it would search in the same place for ever
		next = ""
	}
	at.next = next
	for _, log := range channels {
		if !slices.Contains(at.cids, log.CID) {
			continue
		}
		var seen []sighting
		var newest time.Time
		for i, w := range page {
			if w.CID == log.CID.String() {
				seen = append(seen, sighting{message: &page[i]})
				newest = w.changedAt() // the least changed comes first
			}
		}
		if seen, err = l.newsOf(ctx, log, seen); err != nil {
			return err
		}
		if len(seen) == 0 && at.next == "" && last.Sub(log.Searched) < noteEvery {
			continue
		}
		err := l.under(ctx, func(tx *sqlstore.Tx) error {
			if err := l.tellIn(tx, told{cid: log.CID, seen: seen, asked: log.Seq}); err != nil {
				return err
			}
			return tx.FollowedHosted(log, newest, last)
		})
		if err != nil {
			return err
		}
	}
	l.further = at
	return nil
}

// endChannel records that a channel was deleted, unless it is being deleted here.
func (p *Provider) endChannel(ctx context.Context, cid chat.CID) error {
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		office, found, err := tx.HoldHostedLog(chat.CID{})
		if err != nil {
			return err
		}
		if found {
			if own, err := isOwn(tx, office, channelSubject(cid)); err != nil || own {
				return err
			}
		}
		return p.endIn(tx, cid, chat.User{}, time.Time{})
	})
}

func (p *Provider) endIn(tx *sqlstore.Tx, cid chat.CID, by chat.User, at time.Time) error {
	log, found, err := tx.HoldHostedLog(cid)
	if err != nil {
		return err
	}
	if found && !log.Begun.IsZero() {
		if err := tx.EndHostedLog(log); err != nil {
			return err
		}
		tx.AfterCommit(func() { p.hub.End(cid) })
	}
	if err := tx.NoteHostedChange(changedChannel(cid.String())); err != nil {
		return err
	}
	return p.tellIn(tx, told{own: true, seen: []sighting{{
		kind: chat.ChannelDeleted, cid: cid, user: by, at: at, subject: channelSubject(cid), state: "gone"}}})
}
