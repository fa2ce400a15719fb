package transport

import (
	"sync"

	"backchannel/internal/transport/wire"
)

// unfinished counts the bytes of long messages that are incomplete or being handled, over all of a
// user's connections. Connections that aren't acknowledged are counted together under "".
type unfinished struct {
	mu    sync.Mutex
	bytes map[string]int // by user
}

// grow adds n bytes unless the sum would exceed most.
func (u *unfinished) grow(user string, n, most int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bytes[user]+n > most {
		return false
	}
	if u.bytes == nil {
		u.bytes = map[string]int{}
	}
	u.bytes[user] += n
	return true
}

func (u *unfinished) shrink(user string, n int) {
	if n == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bytes[user] -= n; u.bytes[user] <= 0 {
		delete(u.bytes, user)
	}
}

// reading returns how to read the session's next message. done releases the bytes of the message.
func (c *session) reading() (how wire.Reading, done func()) {
	c.mu.Lock()
	user := c.enlisted
	c.mu.Unlock()
	live := c.server.live
	most, held := live.limits.Unfinished, 0
	how = wire.Reading{Limit: live.limits.Message, Alive: c.alive}
	if user == "" { // without an acknowledgement, a message may only be as long as a token
		how.Limit, most = live.limits.Greeting, live.limits.Strangers
	}
	how.Grow = func(n int) bool {
		if !live.unfinished.grow(user, n, most) {
			return false
		}
		held += n
		return true
	}
	return how, func() { live.unfinished.shrink(user, held) }
}
