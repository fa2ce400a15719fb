package desk

import (
	"context"

	"backchannel/internal/chat"
)

// Provider returns what the chat is and what it can do, for every chat user. Budgets are for the
// back office only.
func (d *Desk) Provider(ctx context.Context, r Request) (chat.Info, error) {
	if _, err := d.enter(ctx, r); err != nil {
		return chat.Info{}, err
	}
	info := d.provider.Info()
	if !d.IsBackOffice(r) {
		info.Budgets = nil
	}
	return info, nil
}
