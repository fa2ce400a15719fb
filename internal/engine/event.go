package engine

import (
	"context"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// Record appends an entry to a channel's log and, once it is durable, wakes subscribers.
func (e *Effects) Record(tx *sqlstore.Tx, entry sqlstore.Entry) error {
	seq, _, err := tx.Log(entry)
	if err == nil {
		tx.AfterCommit(func() {
			e.Hub.Advance(entry.CID, seq)
			e.pass(bus.Entry{CID: entry.CID, Seq: seq})
			e.observe(entry)
		})
	}
	return err
}

// Observe makes the engine call fn for each entry that it records from now on, once the entry is
// durable. fn must not block. Entries of other servers aren't passed to it.
func (e *Effects) Observe(fn func(sqlstore.Entry)) { e.observer.Store(&fn) }

func (e *Effects) observe(entry sqlstore.Entry) {
	if fn := e.observer.Load(); fn != nil {
		(*fn)(entry)
	}
}

// RecordForDesk appends an entry to the back office's log.
func (e *Effects) RecordForDesk(tx *sqlstore.Tx, entry sqlstore.Entry) error {
	return tx.LogBackOffice(entry, func(seq int64) {
		e.deskReached(seq)
		if entry.CID == (chat.CID{}) || !entry.Type.InBothLogs() {
			e.observe(entry)
		}
	})
}

// RecordInBoth appends an entry to its channel's log and the back office's.
func (e *Effects) RecordInBoth(tx *sqlstore.Tx, entry sqlstore.Entry) error {
	if err := e.Record(tx, entry); err != nil {
		return err
	}
	return e.RecordForDesk(tx, entry)
}

// deskReached informs subscribers that the back office's log has reached a seq.
func (e *Effects) deskReached(seq int64) {
	e.Hub.Advance(chat.CID{}, seq)
	e.pass(bus.Entry{Seq: seq})
}

// Signal implements chat.Provider.
func (e *Engine) Signal(ctx context.Context, by chat.Actor, cid chat.CID, event chat.EventType) error {
	s, err := e.Store.Standing(ctx, cid, by.ID, e.now())
	if err := judge(s, err, by, cid, "cid", e.policy.MayWrite); err != nil {
		return err
	}
	u, err := e.knownUser(ctx, by)
	if err != nil {
		return err
	}
	e.Hub.Signal("", chat.Event{Type: event, CID: cid, User: u, CreatedAt: e.now()})
	return nil
}

// knownUser returns the caller as a chat user, with the name known to the chat, since tokens
// usually have none. It creates the user if necessary.
func (e *Engine) knownUser(ctx context.Context, by chat.Actor) (chat.User, error) {
	u, found, err := e.Store.User(ctx, by.ID)
	if err != nil || found {
		return u, err
	}
	err = e.Store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		u, err = tx.EnsureUser(chat.User{ID: by.ID, Name: by.Name, Role: chat.RoleUser, CreatedAt: e.now()})
		return err
	})
	return u, err
}

// Attend implements chat.Provider.
func (e *Engine) Attend(ctx context.Context, by chat.Actor, cid chat.CID) (func(), error) {
	s, err := e.Store.Standing(ctx, cid, by.ID, e.now())
	if err := judge(s, err, by, cid, "cid", e.policy.MayRead); err != nil {
		return nil, err
	}
	if !s.Member {
		return func() {}, nil
	}
	u, err := e.knownUser(ctx, by)
	if err != nil {
		return nil, err
	}
	return e.Hub.Attend(cid, by.ID, func(online bool) chat.Event {
		return chat.Event{Type: chat.PresenceChanged, CID: cid, User: u, Online: online, CreatedAt: e.now()}
	}), nil
}

func (e *Engine) channelLog(cid chat.CID) feed.Log {
	return feed.Log{
		End: func(ctx context.Context) (sqlstore.LogEnd, error) {
			end, found, err := e.Store.ChannelLog(ctx, cid)
			if err == nil && !found {
				err = chat.NoChannel("cid")
			}
			return end, err
		},
		Read: func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error) {
			list, found, err := e.Store.Events(ctx, cid, part)
			if err == nil && !found {
				err = chat.NoChannel("cid")
			}
			for _, event := range list {
				if event.Message != nil {
					*event.Message = e.Shown(*event.Message)
				}
			}
			return list, err
		},
	}
}

// Subscribe implements chat.Provider.
func (e *Engine) Subscribe(ctx context.Context, req chat.Subscribe) (chat.Feed, error) {
	if err := e.MayRead(ctx, req.By, req.CID); err != nil {
		return chat.Feed{}, err
	}
	return e.Hub.Open(ctx, req.CID, e.channelLog(req.CID), req.After)
}

// SubscribeBackOffice implements chat.Provider.
func (e *Engine) SubscribeBackOffice(ctx context.Context, after *int64) (chat.Feed, error) {
	return e.Hub.Open(ctx, chat.CID{}, feed.Log{End: e.Store.BackOfficeLog, Read: e.Store.BackOfficeEvents}, after)
}
