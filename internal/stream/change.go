package stream

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// Changes reported by webhooks appear in lists immediately, on every server: the changed channels
// and users are stored in the database, and before a cached list is used, only these are read
// again.

const (
	hookLifetime   = 24 * time.Hour // of the ids of webhooks' calls
	maxRefreshed   = 300            // after more changes the whole list is read again
	changedUserTag = "user "
	changedListTag = "channel "
)

func changedChannel(cid string) string { return changedListTag + cid }
func changedUser(id string) string     { return changedUserTag + id }

// changes is the number of the last change that the cached lists contain.
type changes struct {
	mu   sync.Mutex
	seen int64 // number of the last; -1 at first
}

// refreshed is like refresh, for callers that don't depend on it: cached lists have a maximum age
// anyway.
func (p *Provider) refreshed(ctx context.Context) {
	if err := p.refresh(ctx); err != nil && ctx.Err() == nil {
		p.logger.Debug("changes were not looked at", "error", err)
	}
}

// refresh updates the lists with what has changed since the last refresh.
func (p *Provider) refresh(ctx context.Context) error {
	p.changes.mu.Lock()
	defer p.changes.mu.Unlock()
	if p.changes.seen < 0 { // nothing is cached yet
		seen, err := p.store.LastHostedChange(ctx)
		if err == nil {
			p.changes.seen = seen
		}
		return err
	}
	list, err := p.store.HostedChanges(ctx, p.changes.seen, maxRefreshed+1)
	if err != nil || len(list) == 0 {
		return err
	}
	var cids []chat.CID
	var users []string
	for _, c := range list {
		if id, ok := strings.CutPrefix(c.Subject, changedUserTag); ok {
			users = append(users, id)
		} else if cid, bad := chat.ParseAnyCID(strings.TrimPrefix(c.Subject, changedListTag)); bad == nil {
			cids = append(cids, cid)
		}
	}
	if len(list) > maxRefreshed {
		p.channels.forget()
		p.users.forget()
		seen, err := p.store.LastHostedChange(ctx)
		p.changes.seen = seen
		return err
	}
	if err := p.refreshChannels(ctx, cids); err != nil {
		return err
	}
	if err := p.refreshUsers(ctx, users); err != nil {
		return err
	}
	p.changes.seen = list[len(list)-1].No
	return nil
}

func (p *Provider) refreshChannels(ctx context.Context, cids []chat.CID) error {
	if len(cids) == 0 || !p.channels.atHand() {
		return nil
	}
	writes := p.channels.written()
	found, err := p.existing(ctx, cids)
	if err != nil {
		return err
	}
	p.openings.forget()
	for _, cid := range cids {
		var row *chat.Channel
		if w, exists := found[cid]; exists {
			row = new(w.channel())
		}
		p.channels.learn(cid.String(), row, writes)
	}
	return nil
}

func (p *Provider) refreshUsers(ctx context.Context, ids []string) error {
	if len(ids) == 0 || !p.users.atHand() {
		return nil
	}
	writes := p.users.written()
	found, err := p.usersByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range slices.Compact(ids) {
		var row *chat.User
		if w, exists := found[id]; exists {
			row = new(p.listedUser(w))
		}
		p.users.learn(id, row, writes)
	}
	return nil
}
