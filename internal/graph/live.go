package graph

import (
	"context"
	"errors"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/graph/wire"
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

// liveLimits bound what connections may take, and say when they are looked after.
type liveLimits struct {
	total      int // connections
	perUser    int // connections
	operations int // of one connection, at a time
	rate       int // messages a second of one connection; a client that sends more waits
	burst      int // messages that may come at once

	message  int // bytes of one message
	greeting int // bytes of one before the connection is acknowledged

	unfinished int // bytes of long messages under way on all connections of one user
	strangers  int // the same of all connections that aren't acknowledged

	initTime time.Duration // to send connection_init
	ping     time.Duration // between pings; a peer silent for two of them is gone
	beat     time.Duration // between the comments that keep a stream open
	sweep    time.Duration // between looks at all of the above
	answers  time.Duration // for operations under way when the server stops

	wire wire.Limits
}

func defaultLiveLimits() liveLimits {
	return liveLimits{
		total: 50_000, perUser: 100, operations: 100, rate: 500, burst: 1_000,
		message: 1 << 20, greeting: 64 << 10, unfinished: 4 << 20, strangers: 16 << 20,
		initTime: 10 * time.Second, ping: 25 * time.Second, beat: 15 * time.Second,
		sweep: 500 * time.Millisecond, answers: 3 * time.Second,
		wire: wire.Limits{
			Frames: 4_096, Bytes: 4 << 20, Buffer: 128 << 10,
			WriteTime: 3 * time.Second, CloseTime: 2 * time.Second, GoneTime: time.Minute,
		},
	}
}
