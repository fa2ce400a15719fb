package transport

import (
	"context"
	"time"

	"github.com/gobwas/ws"

	"backchannel/internal/transport/wire"
)

// sweep implements connection.
func (c *session) sweep(ctx context.Context, now time.Time, late time.Duration) {
	limits := &c.server.live.limits
	if late > 0 {
		c.opened = c.opened.Add(late)
		c.seen.Add(int64(late))
	}
	by, acknowledged := c.standing()
	expires := by.Caller.Expires
	silent := now.Sub(time.Unix(0, c.seen.Load()))
	switch {
	case c.conn.Closing():
	case !acknowledged:
		if now.Sub(c.opened) >= limits.InitTime {
			c.conn.Close(closeInitTimeout, "Connection initialisation timeout")
		}
	case !expires.IsZero() && !now.Before(expires):
		c.conn.Close(closeForbidden, "Forbidden: the token has expired; connect with a new one")
	case c.server.revoked(ctx, by):
		c.conn.Close(closeForbidden, "Forbidden: the token was revoked; connect with a new one")
	case silent >= 2*limits.Ping+limits.Ping/4:
		c.conn.Abort()
	case now.Sub(c.pinged) >= limits.Ping:
		c.pinged = now
		c.conn.Send(wire.Item{Op: ws.OpPing})
	}
}

// restart implements connection.
func (c *session) restart() {
	c.conn.Close(closeRestart, "Service restart: reconnect, and subscribe with after")
}

// abort implements connection.
func (c *session) abort() { c.conn.Abort() }

// pace is a token bucket that limits the rate of a client's messages. Only the reader uses it.
type pace struct {
	tokens int
	at     time.Time // when tokens was computed
}

// wait takes a token from the bucket as soon as there is one.
func (l *liveLimits) wait(p *pace) {
	now := time.Now()
	every := time.Second / time.Duration(l.Rate)
	if fresh := int(now.Sub(p.at) / every); fresh > 0 {
		p.tokens = min(p.tokens+fresh, l.Burst)
		p.at = p.at.Add(time.Duration(fresh) * every)
	}
	if p.tokens--; p.tokens < 0 {
		time.Sleep(every)
	}
}
