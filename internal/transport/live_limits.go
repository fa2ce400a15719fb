package transport

import (
	"time"

	"backchannel/internal/transport/wire"
)

// liveLimits bound what connections may take, and set their clocks.
type liveLimits struct {
	Total      int // connections
	PerUser    int // connections
	Operations int // of one connection, at a time
	Rate       int // messages a second of one connection; a client that sends more waits
	Burst      int // messages that may come at once

	Message  int // bytes of one message
	Greeting int // bytes of one before the connection is acknowledged

	Unfinished int // bytes of long messages under way on all connections of one user
	Strangers  int // the same of all connections that aren't acknowledged

	InitTime time.Duration // to send connection_init
	Ping     time.Duration // between pings; a peer silent for two of them is gone
	Beat     time.Duration // between the comments that keep a stream open
	Sweep    time.Duration // between looks at all of the above
	Answers  time.Duration // for operations under way when the server stops

	Wire wire.Limits
}

func defaultLiveLimits() liveLimits {
	return liveLimits{
		Total: 50_000, PerUser: 100, Operations: 100, Rate: 500, Burst: 1_000,
		Message: 1 << 20, Greeting: 64 << 10, Unfinished: 4 << 20, Strangers: 16 << 20,
		InitTime: 10 * time.Second, Ping: 25 * time.Second, Beat: 15 * time.Second,
		Sweep: 500 * time.Millisecond, Answers: 3 * time.Second,
		Wire: wire.Limits{
			Frames: 4_096, Bytes: 4 << 20, Buffer: 128 << 10,
			WriteTime: 3 * time.Second, CloseTime: 2 * time.Second, GoneTime: time.Minute,
		},
	}
}
