package transport

import (
	"context"

	"github.com/gobwas/ws"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/wire"
)

// greet acknowledges the connection of a caller with a valid token.
func (c *session) greet(f frame) {
	c.mu.Lock()
	again, header := c.greeted, c.header
	c.greeted, c.header = true, ""
	c.mu.Unlock()
	if again {
		c.conn.Close(closeTooMany, "Too many initialisation requests")
		return
	}
	if given, ok := f.token(); ok {
		header = given
	}
	caller, err := c.server.known(c.context(), header)
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

// answerPing answers a ping and uses the new token that it may contain.
func (c *session) answerPing(f frame) {
	header, given := f.token()
	if !given {
		c.conn.Send(f.pong())
		return
	}
	if c.acknowledged() && !c.renew(header) {
		c.conn.Close(closeForbidden, "Forbidden: the new token is not good for this connection")
		return
	}
	c.conn.Send(wire.Item{Op: ws.OpText, Body: pongText})
}

// renew replaces the token by a newer one of the same user. Whether the user has the back-office
// role must be the same.
func (c *session) renew(header string) bool {
	caller, err := c.server.known(c.context(), header)
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

// known returns the caller of a token that is valid and not revoked.
func (s *Server) known(ctx context.Context, header string) (auth.Caller, error) {
	caller, err := s.verifier.Verify(auth.BearerToken(header))
	if err == nil {
		err = s.desk.Authenticate(ctx, desk.Request{Caller: caller})
	}
	return caller, err
}

// revoked reports whether the token with which a connection was opened was revoked.
func (s *Server) revoked(ctx context.Context, by desk.Request) bool {
	if by.Denied != nil || by.Caller.ID == "" {
		return false
	}
	return chat.CodeOf(s.desk.Recognise(ctx, by)) == chat.Unauthorized
}

func (c *session) acknowledged() bool {
	_, acknowledged := c.standing()
	return acknowledged
}

// standing returns the caller and whether the connection was acknowledged.
func (c *session) standing() (by desk.Request, acknowledged bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.caller, c.enlisted != ""
}
