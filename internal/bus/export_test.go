package bus

import (
	"time"

	"github.com/nats-io/nats.go"

	"backchannel/internal/chat"
)

// NewQuiet returns a bus that is never connected; it hears what it is given.
func NewQuiet(o Options, h Handler) *Bus {
	return &Bus{o: o, handler: h, connected: true, peers: map[string]*peer{}, silent: map[string]time.Time{}}
}

// Frame is what a server sends of a batch; without entries it is a beat.
func Frame(epoch string, number int64, entries []Entry) []byte {
	text, err := chat.Encode(frame{"node " + epoch, epoch, number, entries})
	if err != nil {
		panic(err)
	}
	return text
}

func (b *Bus) Hear(text []byte) { b.hear(&nats.Msg{Data: text}) }
