package stream

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// A change made here says more than its effect does when the poller sees it: who made it, and with
// which reaction. So a thing is marked in its logs before the call that changes it, and until the
// change is recorded, no server records what it sees of the thing.

// ownSubject returns the key of the mark on a thing. Its time is when the mark ends if the server that
// made it dies.
func ownSubject(key string) string { return "own " + key }

// begins marks things, given by their keys, in logs that exist. The caller must call ends, after recording
// the change if it was made.
func (p *Provider) begins(ctx context.Context, keys []string, cids ...chat.CID) (ends func()) {
	marks := make([]string, len(keys))
	for i, key := range keys {
		marks[i] = ownSubject(key)
	}
	var logs []sqlstore.HostedLog
	for _, cid := range cids {
		if log, found, err := p.store.HostedLog(ctx, cid); err == nil && found && !log.Begun.IsZero() {
			logs = append(logs, log)
		}
	}
	if len(logs) == 0 {
		return func() {}
	}
	mark := func(until time.Time) {
		p.record(ctx, "marking what is changed here", func(tx *sqlstore.Tx) (err error) {
			for _, log := range logs {
				for _, mark := range marks {
					if err == nil {
						err = tx.PutHostedState(log, mark, sqlstore.HostedState{At: until})
					}
				}
			}
			return err
		})
	}
	mark(time.Now().Add(maxWork))
	return func() {
		ctx := context.WithoutCancel(ctx)
		for _, log := range logs {
			states, err := p.store.HostedStates(ctx, log, marks)
			left := slices.ContainsFunc(marks, func(mark string) bool { return !states[mark].At.IsZero() })
			if left || err != nil {
				mark(time.Time{})
				return
			}
		}
	}
}

// isOwn reports whether a thing is being changed here.
func isOwn(tx *sqlstore.Tx, log sqlstore.HostedLog, key string) (bool, error) {
	mark, _, err := tx.HostedState(log, ownSubject(key))
	return mark.At.After(time.Now()), err
}

// unmark removes the mark on a thing whose change is recorded.
func unmark(tx *sqlstore.Tx, log sqlstore.HostedLog, key string) error {
	mark, _, err := tx.HostedState(log, ownSubject(key))
	if err != nil || mark.At.IsZero() {
		return err
	}
	return tx.PutHostedState(log, ownSubject(key), sqlstore.HostedState{})
}
