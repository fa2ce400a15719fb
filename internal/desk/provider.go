package desk

import (
	"context"

	"backchannel/internal/chat"
)

// Provider says what the chat is and what it can do, to every chat user. Budgets are
// for the back office.
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
