package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// overviewAge is the maximum age of the statistics. Computing them reads the index of a day's
// messages.
const overviewAge = 2 * time.Second

// Overview implements chat.Provider.
func (e *Engine) Overview(ctx context.Context) (chat.Overview, error) {
	return e.overview.get(overviewAge, func() (chat.Overview, error) { return e.readOverview(ctx) })
}

func (e *Engine) readOverview(ctx context.Context) (chat.Overview, error) {
	o, err := e.Store.Overview(ctx)
	if err != nil {
		return o, err
	}
	hour := e.now().Truncate(time.Hour)
	for back := chat.OverviewHours - 1; back >= 0; back-- {
		start := hour.Add(-time.Duration(back) * time.Hour)
		n, err := e.Store.MessagesIn(ctx, start)
		if err != nil {
			return o, err
		}
		o.Hours = append(o.Hours, chat.HourCount{Start: start, Messages: n})
	}
	return o, nil
}

// Existing implements chat.Provider.
func (e *Engine) Existing(ctx context.Context, cids []chat.CID) ([]chat.Channel, error) {
	return e.Store.Existing(ctx, cids)
}
