package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// watchEvery is how late the events of another process on the same database may
// come.
const watchEvery = time.Second

// watch looks how far the logs with subscribers have come, for what other processes append
// to them.
func (e *Engine) watch(ctx context.Context) {
	seen := int64(-1) // of the back office's log
	e.every(ctx, watchEvery, "looking for other servers' events", func(ctx context.Context) error {
		err := e.watchChannels(ctx)
		if err == nil {
			seen, err = e.watchBackOffice(ctx, seen)
		}
		if err == nil {
			err = e.watchSettings(ctx)
		}
		return err
	})
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

// watchBackOffice reads on from the seq that it has seen, and tells the feeds of every
// channel whose rights have changed. It drops what is cached about these users' tokens.
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
		ids, read, err := e.Store.ChangedUsers(ctx, sqlstore.Span{After: seen, UpTo: end.Seq, Limit: feed.Batch})
		if err != nil || read == seen {
			return seen, err
		}
		for _, id := range ids {
			e.revoked.forget(id)
			e.Hub.AccessChanged(id, e.now())
		}
		seen = read
	}
	return seen, nil
}

// forgetEvery is how often expired data is removed.
const forgetEvery = time.Hour

// forget removes expired data.
func (e *Engine) forget(ctx context.Context) {
	e.every(ctx, forgetEvery, "forgetting what is old", func(ctx context.Context) error {
		return e.Store.Write(ctx, func(tx *sqlstore.Tx) error {
			if err := tx.ForgetOutcomes(e.now().Add(-chat.KeyLifetime)); err != nil {
				return err
			}
			return tx.ForgetEvents(e.now().Add(-chat.EventLifetime))
		})
	})
}

// every runs a job at intervals until ctx ends, and logs its failures.
func (e *Engine) every(ctx context.Context, period time.Duration, what string, chore func(context.Context) error) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		if err := chore(ctx); err != nil && ctx.Err() == nil {
			e.logger.Warn("a chore failed", "chore", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
