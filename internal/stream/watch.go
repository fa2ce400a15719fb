package stream

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
)

const (
	watchEvery = time.Second // maximum delay of another server's events
	wantEvery  = 5 * time.Second
)

// watch checks how far the logs with subscribers here have come, since other servers append to
// them, and periodically stores that they have subscribers.
func (p *Provider) watch(ctx context.Context) {
	seen := int64(-1) // in the back office's log
	var wanted time.Time
	trouble := job.Trouble{Logger: p.logger, Chore: "looking for other servers' events"}
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := p.Watch(ctx) // the records of changes
		if err == nil {
			err = p.WatchJobs(ctx)
		}
		if err == nil && !p.heard() {
			seen = -1
			trouble.Note(ctx, nil)
			continue
		}
		cids := append(p.hub.Channels(), chat.CID{})
		if err == nil && time.Since(wanted) > wantEvery {
			wanted = time.Now()
			err = p.want(ctx, cids...)
		}
		if err == nil {
			seen, err = p.look(ctx, cids, seen)
		}
		trouble.Note(ctx, err)
	}
}

// look reads the back office's log from a seq on, and tells the feeds of every channel about users
// whose rights have changed.
func (p *Provider) look(ctx context.Context, cids []chat.CID, seen int64) (int64, error) {
	seqs, err := p.store.HostedSeqs(ctx, cids)
	if err != nil {
		return seen, err
	}
	for _, cid := range cids {
		if seq, goes := seqs[cid]; goes {
			p.hub.Advance(cid, seq)
		} else if cid != (chat.CID{}) {
			p.hub.End(cid)
		}
	}
	office := p.log(chat.CID{})
	end := seqs[chat.CID{}]
	if seen < 0 || end <= seen {
		return end, nil
	}
	list, err := office.Read(ctx, sqlstore.Span{After: seen, UpTo: end, Limit: int(end - seen)})
	for _, event := range list {
		if event.CID == (chat.CID{}) {
			p.hub.AccessChanged(event.User.ID, time.Now())
		}
	}
	return end, err
}
