package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
)

const (
	// watchEvery is the maximum delay of events of other processes with the same database if no
	// hints arrive; if they arrive, of settings only.
	watchEvery = time.Second
	// lookEvery is the maximum delay if a hint is lost.
	lookEvery = 10 * time.Second
)

// watch checks the ends of the logs with subscribers, since other processes may append to them.
func (e *Engine) watch(ctx context.Context) {
	seen := int64(-1) // in the back office's log
	var looked time.Time
	e.every(ctx, watchEvery, e.news, "looking for other servers' events", func(ctx context.Context) error {
		var err error
		if seen, err = e.watchBackOffice(ctx, seen); err != nil {
			return err
		}
		if !(e.Store.Hints.Works() || e.bus.Whole()) || e.missed.Swap(false) || time.Since(looked) >= lookEvery {
			looked = time.Now()
			err = e.watchChannels(ctx)
		}
		if err == nil {
			err = e.watchSettings(ctx)
		}
		if err == nil {
			err = e.Watch(ctx)
		}
		if err == nil {
			err = e.WatchJobs(ctx)
		}
		return err
	})
}

// maxNumbers is the number of channels whose numbers are cached.
const maxNumbers = 100_000

// heed handles hints of other servers about their commits.
func (e *Engine) heed(ctx context.Context) {
	names := map[int64]chat.CID{}
	e.Store.Hints.Listen(ctx, func(hint sqlstore.Hint) {
		if e.bus.Hears(hint.From) {
			return // the bus has sent the entries, or will
		}
		for _, event := range hint.Events {
			e.Hub.Receive(event)
		}
		if err := e.learn(ctx, names, hint.Channels()); err != nil {
			hint.Missed = true
		}
		for no, seq := range hint.Logs {
			if cid, known := names[no]; known {
				e.Hub.Advance(cid, seq)
			}
		}
		if hint.Missed {
			e.readOn()
		}
		if _, desk := hint.Logs[0]; desk {
			e.look()
		}
	})
}

// readOn makes all logs be checked, since hints may have been lost.
func (e *Engine) readOn() {
	e.missed.Store(true)
	e.look()
}

// look makes the back office's log be checked.
func (e *Engine) look() {
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// learn adds the channels with those numbers to names.
func (e *Engine) learn(ctx context.Context, names map[int64]chat.CID, numbers []int64) error {
	if len(names) > maxNumbers {
		clear(names)
	}
	unknown := slices.DeleteFunc(numbers, func(no int64) bool { _, known := names[no]; return known })
	if len(unknown) == 0 {
		return nil
	}
	found, err := e.Store.ChannelsByNo(ctx, unknown)
	maps.Copy(names, found)
	return err
}

func (e *Engine) watchChannels(ctx context.Context) error {
	cids := e.Hub.Channels()
	seqs, err := e.Store.ChannelSeqs(ctx, cids)
	if err != nil {
		return err
	}
	for _, cid := range cids {
		if seq, exists := seqs[cid]; exists {
			e.Hub.Advance(cid, seq)
		} else {
			e.Hub.End(cid)
		}
	}
	return nil
}

// watchBackOffice reads the back office's log from a seq on. It tells the feeds of every channel
// whose rights have changed, and drops cached token limits of these users.
func (e *Engine) watchBackOffice(ctx context.Context, seen int64) (int64, error) {
	end, err := e.Store.BackOfficeLog(ctx)
	if err != nil {
		return seen, err
	}
	e.Hub.Advance(chat.CID{}, end.Seq)
	if seen < 0 || seen < end.Floor {
		e.revoked.forgetAll()
		return end.Seq, nil
	}
	for seen < end.Seq {
		changed, err := e.Store.AccessChanges(ctx, sqlstore.Span{After: seen, UpTo: end.Seq, Limit: feed.Batch})
		if err != nil || changed.Read == seen {
			return seen, err
		}
		if changed.Deleted {
			e.missed.Store(true) // all subscribers check their rights again
		}
		for _, id := range changed.Users {
			e.revoked.forget(id)
			e.Hub.AccessChanged(id, e.now())
		}
		seen = changed.Read
	}
	return seen, nil
}

// forgetEvery is how often expired data is removed.
const forgetEvery = time.Hour

// forget removes expired data.
func (e *Engine) forget(ctx context.Context) error {
	now, err := e.past(ctx)
	if err != nil {
		return err
	}
	if err := e.Forget(ctx, now.Add(-e.changesKept)); err != nil {
		return err
	}
	if err := e.ForgetJobs(ctx, now.Add(-e.changesKept)); err != nil {
		return err
	}
	return e.Store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.ForgetOutcomes(now.Add(-chat.KeyLifetime)); err != nil {
			return err
		}
		return tx.ForgetEvents(now.Add(-chat.EventLifetime))
	})
}

// every runs a chore at intervals, and immediately when there is news, until ctx ends. It logs
// failures.
func (e *Engine) every(ctx context.Context, period time.Duration, news <-chan struct{}, what string, chore func(context.Context) error) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	trouble := job.Trouble{Logger: e.logger, Chore: what}
	for {
		trouble.Note(ctx, chore(ctx))
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-ticker.C:
		}
	}
}
