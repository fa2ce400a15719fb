package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/delivery"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// webhooks returns the service that delivers events of the engine's logs to webhooks.
func (e *Engine) webhooks(o Options) *delivery.Service {
	return delivery.New(delivery.Options{
		Store: o.Store, Hub: &e.Hub, Channel: e.channelLog, Office: feed.Log{End: o.Store.BackOfficeLog, Read: o.Store.BackOfficeEvents},
		Sender: o.Webhooks, Now: e.now, Past: e.past, Logger: o.Logger, Metrics: o.Metrics,
		Change: func(ctx context.Context, op chat.Operation, fn func(tx *sqlstore.Tx) (string, error)) (string, error) {
			return e.change(ctx, chat.CID{}, op, fn)
		},
	})
}
