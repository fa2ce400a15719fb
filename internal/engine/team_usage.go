package engine

import (
	"context"

	"backchannel/internal/chat"
)

// TeamUsage returns how much each team used the chat, by name. Days that are to come
// are left out; where no other is left, so are all teams. It reads all messages, so it
// takes its time in a large chat.
func (e *Engine) TeamUsage(ctx context.Context, q chat.TeamUsageQuery) (chat.TeamUsageQuery, []chat.TeamUsage, error) {
	q.To = min(q.To, chat.DayOf(e.now()))
	if q.To < q.From {
		return q, nil, nil
	}
	users, err := e.store.UsageUsers(ctx, q.To)
	if err != nil {
		return q, nil, err
	}
	sent, before, err := e.store.Sent(ctx, q.Since(), q.To)
	if err != nil {
		return q, nil, err
	}
	return q, q.UsageOf(users, sent, before), nil
}
