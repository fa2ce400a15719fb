package engine

import (
	"context"
	"sync"
	"time"

	"backchannel/internal/chat"
)

// overviewAge is how old the figures may be, since they cost reading the index of a day's
// messages.
const overviewAge = 2 * time.Second

// figures keeps the last overview.
type figures struct {
	mu    sync.Mutex
	taken time.Time
	last  chat.Overview
}

// Overview implements chat.Provider.
func (e *Engine) Overview(ctx context.Context) (chat.Overview, error) {
	e.figures.mu.Lock()
	defer e.figures.mu.Unlock()
	if time.Since(e.figures.taken) < overviewAge {
		return e.figures.last, nil
	}
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
	e.figures.taken, e.figures.last = time.Now(), o
	return o, nil
}

// Contents implements chat.Provider.
func (e *Engine) Contents(ctx context.Context, cids []chat.CID) (chat.Contents, error) {
	return e.Store.Contents(ctx, cids)
}
