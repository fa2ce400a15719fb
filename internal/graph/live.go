package graph

import (
	"context"
	"errors"

	"backchannel/internal/chat"
)

// sourceKey is where the live transports put the events that a subscription's
// resolver gives to gqlgen to be rendered.
const sourceKey contextKey = 100

var errNoSource = errors.New("subscriptions are served over WebSocket and server-sent events only")

func eventSource(ctx context.Context) (<-chan *chat.Event, error) {
	if source, ok := ctx.Value(sourceKey).(<-chan *chat.Event); ok {
		return source, nil
	}
	return nil, errNoSource
}
