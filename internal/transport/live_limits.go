package transport

import (
	"time"

	"backchannel/internal/transport/wire"
)

// liveLimits are limits and timeouts of connections.
type liveLimits struct {
	Total      int // connections
	PerUser    int // connections
	Operations int // concurrent operations of one connection
	Rate       int // messages a second of one connection; faster clients are slowed down
	Burst      int // messages that may arrive at once

	Message  int // bytes of one message
	Greeting int // bytes of a message before the connection is acknowledged

	Unfinished int // bytes of incomplete long messages on all connections of one user
	Strangers  int // the same for all connections that aren't acknowledged

	InitTime time.Duration // to send connection_init
	Ping     time.Duration // between pings; a peer that is silent for two of them is disconnected
	Beat     time.Duration // between the comments that keep a stream open
	Sweep    time.Duration // between checks of all of the above
	Answers  time.Duration // for operations in progress when the server stops

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
