package desk

import (
	"context"

	"backchannel/internal/chat"
)

// SubscribeChannel asks for a channel's events.
type SubscribeChannel struct {
	Request
	CID   string
	After *int64 // the seq after which to continue; nil to start now
}

// SubscribeChannel opens a feed of a channel's events for a caller who may read it.
func (d *Desk) SubscribeChannel(ctx context.Context, in SubscribeChannel) (chat.Feed, error) {
	cid, err := d.readable(ctx, in.Request, in.CID)
	if err != nil {
		return chat.Feed{}, err
	}
	return d.provider.Subscribe(ctx, chat.Subscribe{By: d.actor(in.Request), CID: cid, After: in.After})
}

// SubscribeBackOffice opens a feed of events about channels and users.
func (d *Desk) SubscribeBackOffice(ctx context.Context, r Request, after *int64) (chat.Feed, error) {
	if err := d.authorise(ctx, r); err != nil {
		return chat.Feed{}, err
	}
	return d.provider.SubscribeBackOffice(ctx, after)
}

// SubscribeUser opens a feed of the events sent to the caller.
func (d *Desk) SubscribeUser(ctx context.Context, r Request) (chat.Feed, error) {
	by, err := d.enter(ctx, r)
	if err != nil {
		return chat.Feed{}, err
	}
	return d.provider.SubscribeUser(ctx, by)
}

// MayEnter returns nil if the caller may use the chat.
func (d *Desk) MayEnter(ctx context.Context, r Request) error {
	_, err := d.enter(ctx, r)
	return err
}

// MayRead returns nil if the caller may read a channel.
func (d *Desk) MayRead(ctx context.Context, r Request, cid string) error {
	_, err := d.readable(ctx, r, cid)
	return err
}

// Attend marks the caller as present in a channel until leave is called.
func (d *Desk) Attend(ctx context.Context, r Request, cid string) (leave func(), err error) {
	id, err := d.readable(ctx, r, cid)
	if err != nil {
		return nil, err
	}
	return d.provider.Attend(ctx, d.actor(r), id)
}

// Type sends a typing event to the subscribers of a channel.
func (d *Desk) Type(ctx context.Context, r Request, cid string, typing bool) error {
	by, err := d.user(ctx, r)
	if err != nil {
		return err
	}
	if err := d.pace(by, false); err != nil {
		return err
	}
	id, err := d.cid(ctx, "cid", cid)
	if err != nil {
		return err
	}
	event := chat.TypingStop
	if typing {
		event = chat.TypingStart
	}
	return d.provider.Signal(ctx, by, id, event)
}
