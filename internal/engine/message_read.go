package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// Message implements chat.Provider.
func (e *Engine) Message(ctx context.Context, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	list, err := e.Store.MessagesByID(ctx, []string{id})
	m, found := list[id]
	if err == nil && (!found || m.CID != cid || !m.VisibleTo(by)) {
		return chat.Message{}, noMessage()
	}
	return e.Shown(m), err
}

// Messages implements chat.Provider.
func (e *Engine) Messages(ctx context.Context, q chat.MessageQuery) (chat.Page[chat.Message], error) {
	list, found, err := e.Store.Messages(ctx, q)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	for i := range list {
		list[i] = e.Shown(list[i])
	}
	if q.FromEnd {
		return backward(list, q.Limit, q.Before > 0), err
	}
	return forward(list, q.Limit, q.After > 0), err
}

// LastMessages implements chat.Provider.
func (e *Engine) LastMessages(ctx context.Context, cids []chat.CID) ([]chat.Message, error) {
	list, err := e.Store.LastMessages(ctx, cids)
	for i := range list {
		list[i] = e.Shown(list[i])
	}
	return list, err
}

// Shown returns a message in its current state: an expired pin is removed.
func (e *Effects) Shown(m chat.Message) chat.Message {
	if !m.PinnedNow(e.now()) {
		m.PinnedAt, m.PinnedByUser = time.Time{}, nil
	}
	return m
}
