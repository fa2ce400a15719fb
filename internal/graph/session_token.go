package graph

import (
	"github.com/gobwas/ws"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/wire"
)

// greet acknowledges the connection of who brings a good token.
func (c *session) greet(m message) {
	c.mu.Lock()
	again, header := c.greeted, c.header
	c.greeted, c.header = true, ""
	c.mu.Unlock()
	if again {
		c.conn.Close(closeTooMany, "Too many initialisation requests")
		return
	}
	if given, ok := m.token(); ok {
		header = given
	}
	caller, err := c.server.verifier.Verify(auth.BearerToken(header))
	switch {
	case err != nil:
		c.conn.Close(closeForbidden, "Forbidden")
		c.server.presenter.log(c.context(), *chat.Denied(err))
	case !c.server.live.enlist(caller.ID):
		c.conn.Close(closeTooMany, "Too many connections of this user")
	default:
		c.mu.Lock()
		c.caller, c.enlisted = desk.Request{Caller: caller}, caller.ID
		c.mu.Unlock()
		c.conn.Send(wire.Item{Op: ws.OpText, Body: ackText})
	}
}

// answerPing answers a ping, and takes the new token that it may carry.
func (c *session) answerPing(m message) {
	header, given := m.token()
	if !given {
		c.conn.Send(m.pong())
		return
	}
	if c.acknowledged() && !c.renew(header) {
		c.conn.Close(closeForbidden, "Forbidden: the new token is not good for this connection")
		return
	}
	c.conn.Send(wire.Item{Op: ws.OpText, Body: pongText})
}

// renew goes on with a newer token of the same user and the same standing.
func (c *session) renew(header string) bool {
	caller, err := c.server.verifier.Verify(auth.BearerToken(header))
	fresh := desk.Request{Caller: caller, Denied: err}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || caller.ID != c.caller.Caller.ID ||
		c.server.desk.IsBackOffice(fresh) != c.server.desk.IsBackOffice(c.caller) {
		return false
	}
	c.caller = fresh
	return true
}

func (c *session) acknowledged() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enlisted != ""
}
