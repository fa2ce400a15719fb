package engine

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

const (
	// patience is how long an event waits for earlier events of its log, which other servers have
	// appended.
	patience = 100 * time.Millisecond
	// completeTime is the time limit for reading events for other servers.
	completeTime = time.Second
)

// settingsChanged tells other servers that they must read the settings again. It isn't about a
// channel and isn't shown to callers.
const settingsChanged chat.EventType = "settings.changed"

// join makes this server send what it commits to other servers, and receive what they send.
func (e *Engine) join(ctx context.Context) {
	if e.bus == nil {
		if e.carries = e.Store.Hints != nil; e.carries {
			e.Store.OnCommit(e.carry)
		}
		return
	}
	e.carries = true
	e.Hub.Patience = patience
	e.Hub.Tell = func(user string, event chat.Event) { e.bus.Signal(bus.Signal{To: user, Event: event}) }
	e.Store.OnCommit(func() {
		e.bus.Send(e.fresh)
		e.fresh = nil
	})
	e.bus.Start(bus.Handler{
		Entries: e.hearEntries, Signal: e.hearSignal, Missed: e.readOn,
		Complete: func(list []bus.Entry) { e.complete(ctx, list) },
	})
}

// pass adds an entry to those that are sent to other servers after the commit.
func (e *Effects) pass(entry bus.Entry) {
	if e.carries {
		e.fresh = append(e.fresh, entry)
	}
}

// carry has new messages go along with the hint of their transaction.
func (e *Engine) carry() {
	for _, entry := range e.fresh {
		if entry.Event != nil {
			e.Store.Hints.Carry(*entry.Event)
		}
	}
	clear(e.fresh)
	e.fresh = e.fresh[:0]
}

func (e *Effects) passMessage(m *chat.Message) {
	if !e.carries {
		return
	}
	entry := bus.Entry{CID: m.CID, Seq: m.Seq}
	if event, whole := feed.Posting(m); whole {
		entry.Event = &event
	}
	e.pass(entry)
}

// complete reads the events that entries of channels lack, so that other servers don't have to.
func (e *Engine) complete(ctx context.Context, list []bus.Entry) {
	ctx, cancel := context.WithTimeout(ctx, completeTime)
	defer cancel()
	lacking := map[chat.CID][]*bus.Entry{}
	for i := range list {
		if entry := &list[i]; entry.Event == nil && entry.CID != (chat.CID{}) {
			lacking[entry.CID] = append(lacking[entry.CID], entry)
		}
	}
	for cid, entries := range lacking {
		part := sqlstore.Span{After: entries[0].Seq - 1, UpTo: entries[len(entries)-1].Seq, Limit: feed.Batch}
		events, err := e.channelLog(cid).Read(ctx, part)
		if err != nil {
			return // other servers read the logs themselves
		}
		for _, entry := range entries {
			if at := slices.IndexFunc(events, func(event chat.Event) bool { return event.Seq == entry.Seq }); at >= 0 {
				entry.Event = &events[at]
			}
		}
	}
}

// hearEntries passes on entries that another server appended to logs.
func (e *Engine) hearEntries(list []bus.Entry) {
	for _, entry := range list {
		switch {
		case entry.CID == (chat.CID{}):
			e.look()
		case entry.Event != nil && entry.Event.CID == entry.CID && entry.Event.Seq == entry.Seq:
			e.Hub.Receive(*entry.Event)
		default:
			e.Hub.Advance(entry.CID, entry.Seq)
		}
	}
}

// hearSignal passes on ephemeral events of another server.
func (e *Engine) hearSignal(s bus.Signal) {
	switch s.Event.Type {
	case settingsChanged:
		e.forgetSettings()
	case chat.AccessChanged:
		e.revoked.forget(s.Event.User.ID)
		e.Hub.AccessChanged(s.Event.User.ID, s.Event.CreatedAt)
	default:
		e.Hub.DeliverSignal(s.To, s.Event)
	}
}

// tellAccess tells all feeds, here and at other servers, that a user's rights have changed.
func (e *Effects) tellAccess(id string) {
	at := e.now()
	e.Hub.AccessChanged(id, at)
	e.bus.Signal(bus.Signal{Event: chat.Event{Type: chat.AccessChanged, User: chat.User{ID: id}, CreatedAt: at}})
}
