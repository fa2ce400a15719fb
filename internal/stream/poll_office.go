package stream

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// The back office's events: what the poller finds in the lists of channels and users.

// round looks for what has changed since a time, page by page. It starts a little before the last
// known change, and is repeated until nothing was new for longer than Stream's maximum delay.
type round struct {
	since  time.Time
	offset int // of the next page
	newest time.Time
	news   time.Time // when something new was last seen, by this server's clock
}

// begin starts a round after the newest known change, unless one is in progress.
func (r *round) begin(newest time.Time) {
	if r.offset > 0 {
		return
	}
	r.since, r.newest = newest, newest
	if r.news.IsZero() || time.Since(r.news) < 2*openEdge {
		r.since = newest.Add(-openEdge)
	}
}

// took advances to the next page after a full one. It reports whether the round has ended.
func (r *round) took(rows, page int, fresh bool) (ended bool) {
	if fresh || r.news.IsZero() {
		r.news = time.Now()
	}
	if r.offset += page; rows < page || r.offset > MaxOffset {
		r.offset = 0
	}
	return r.offset == 0
}

// changedSince returns the filter of the round's pages, which are sorted by the last change.
func (r *round) changedSince() object { return object{"updated_at": object{"$gte": Stamp(r.since)}} }

// lookAtChannels records new and changed channels in the back office's log.
func (l *poller) lookAtChannels(ctx context.Context, office sqlstore.HostedLog) error {
	r := &l.changed
	r.begin(office.Newest)
	list, err := l.channelPage(ctx, r.changedSince(), lastChangedFirst, r.offset, ChannelPageSize, true)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	t := told{seen: make([]sighting, len(list)), asked: office.Seq}
	for i, w := range list {
		t.seen[i] = sawOfficeChannel(office, w)
		if at := w.UpdatedAt.Time; at.After(r.newest) {
			r.newest = at
		}
	}
	if t.seen, err = l.newsOf(ctx, office, t.seen); err != nil {
		return err
	}
	var newest time.Time // until a round has ended, older changes may not have been seen
	if r.took(len(list), ChannelPageSize, len(t.seen) > 0) {
		newest = r.newest
	}
	if len(t.seen) == 0 && !newest.After(office.Newest) && office.Idle < noteEvery {
		return nil
	}
	return l.under(ctx, func(tx *sqlstore.Tx) error {
		if err := l.tellIn(tx, t); err != nil {
			return err
		}
		for _, w := range list {
			if !w.UpdatedAt.After(office.Newest) {
				continue
			}
			if err := tx.NoteHostedChange(changedChannel(w.CID)); err != nil {
				return err
			}
		}
		return tx.FollowedHosted(office, newest, time.Time{})
	})
}

// sawOfficeChannel returns a sighting of a new or changed channel for the back office.
func sawOfficeChannel(office sqlstore.HostedLog, w wireChannel) sighting {
	s := sawChannel(w.channel(), chat.User{ID: creatorOf(w)}, w.UpdatedAt.Time, !w.UpdatedAt.After(office.Begun))
	s.first = chat.ChannelUpdated
	if w.CreatedAt.After(office.Begun) {
		s.first = chat.ChannelCreated
	}
	return s
}

// lookAtUsers records roles and bans in all channels that were set elsewhere.
func (l *poller) lookAtUsers(ctx context.Context, office sqlstore.HostedLog) error {
	r := &l.users
	if r.newest.IsZero() {
		r.newest = office.Begun
	}
	r.begin(r.newest)
	list, err := l.userPage(ctx, r.changedSince(), lastChangedFirst, r.offset, UserPageSize)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	t := told{asked: office.Seq}
	for _, w := range list {
		u := l.user(w)
		old := !w.UpdatedAt.After(office.Begun) || u.Role == chat.RoleUser
		ban := sawBan(chat.CID{}, u, w.Banned, w.UpdatedAt.Time)
		ban.silent = !w.Banned || !w.UpdatedAt.After(office.Begun)
		t.seen = append(t.seen, sawRole(u, w.UpdatedAt.Time, old), ban)
		if w.UpdatedAt.After(r.newest) {
			r.newest = w.UpdatedAt.Time
		}
	}
	if t.seen, err = l.newsOf(ctx, office, t.seen); err != nil {
		return err
	}
	if r.took(len(list), UserPageSize, len(t.seen) > 0); len(t.seen) == 0 {
		return nil
	}
	return l.under(ctx, func(tx *sqlstore.Tx) error { return l.tellIn(tx, t) })
}
