package desk

import (
	"context"

	"backchannel/internal/chat"
)

// Overview returns statistics of the chat.
func (d *Desk) Overview(ctx context.Context, r Request) (chat.Overview, error) {
	if err := d.authorise(ctx, r); err != nil {
		return chat.Overview{}, err
	}
	return d.provider.Overview(ctx)
}

// Highlights returns things to look at, for instance in the morning.
func (d *Desk) Highlights(ctx context.Context, r Request) (chat.Highlights, error) {
	if err := d.authorise(ctx, r); err != nil {
		return chat.Highlights{}, err
	}
	return d.provider.Highlights(ctx)
}
