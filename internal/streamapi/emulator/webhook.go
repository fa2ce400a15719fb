package emulator

import (
	"cmp"
	"path"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/webhook"
)

// calls sends the calls of webhooks, with faults applied. The emulator is for tests, so it calls
// any address.
type calls struct {
	sender *webhook.Sender
	faults *faults

	mu   sync.Mutex
	held []webhook.Call // to be sent after the next call
}

// heldFor is how long a held call waits for the next one, unless the fault has a delay.
const heldFor = time.Second

func (c *calls) deliver(kind chat.EventType, call webhook.Call) {
	f := c.faults.first(func(one *Fault) bool {
		matched, _ := path.Match(one.Webhook, string(kind)) // Fail checked the pattern
		return one.Webhook != "" && matched
	})
	switch {
	case f.Drop:
	case f.Reorder:
		c.mu.Lock()
		c.held = append(c.held, call)
		c.mu.Unlock()
		time.AfterFunc(cmp.Or(time.Duration(f.Delay), heldFor), c.release)
	case f.Delay > 0:
		time.AfterFunc(time.Duration(f.Delay), func() { c.sender.Send(call) })
	default:
		c.sender.Send(call)
		if f.Double {
			c.sender.Send(call)
		}
		c.release()
	}
}

// release sends the held calls.
func (c *calls) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range c.held {
		c.sender.Send(call)
	}
	c.held = nil
}
