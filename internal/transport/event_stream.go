package transport

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gobwas/ws"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/wire"
)

const (
	eventStreamType = "text/event-stream"
	lastEventID     = "Last-Event-ID"
)

// eventStream is one operation served as server-sent events, in the "distinct connections"
// mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
//
// Each event's id is its seq, so a client that reconnects with Last-Event-ID resumes after that
// event. "complete" is sent only if the client shouldn't reconnect. If the token expires or is
// revoked, or the server stops, the stream ends without it.
type eventStream struct {
	server *Server
	conn   *wire.Conn
	by     desk.Request
	op     *liveOperation
	beaten time.Time // when the sweeper last sent a comment
}

// wantsStream reports whether a request names server-sent events in Accept. A wildcard isn't
// enough.
func wantsStream(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept"), ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if q, _ := strconv.ParseFloat(params["q"], 64); err == nil && name == eventStreamType && (params["q"] == "" || q > 0) {
			return true
		}
	}
	return false
}

// streamed reports whether to answer with a stream: if the caller accepts nothing else, or the
// operation is a subscription.
func (a *answer) streamed(oc *graphql.OperationContext) bool {
	subscribes := oc.Operation != nil && oc.Operation.Operation == ast.Subscription
	return a.stream && (a.media == "" || subscribes)
}

// openStream turns the answer into a stream and runs the operation on it.
func (s *Server) openStream(ctx context.Context, w http.ResponseWriter, r *http.Request, a *answer, params *graphql.RawParams) {
	by := Request(ctx)
	after, refused := resume(r.Header)
	if refused != nil {
		a.refuse(refused)
		return
	}
	if refused := s.crowded(by); refused != nil {
		a.refuse(refused)
		return
	}
	conn, err := wire.Stream(w, r, &s.live.limits.Wire)
	if err != nil {
		s.live.discount(by.Caller.ID)
		return
	}
	a.elsewhere = true
	own := context.WithValue(context.Background(), requestIDKey, sourceOf(ctx))
	own, cancel := context.WithCancel(own)
	c := &eventStream{server: s, conn: conn, by: by, beaten: time.Now()}
	c.op = &liveOperation{server: s, owner: c, conn: conn, prefix: "next", alone: true, after: after, cancel: cancel}
	if s.live.add(c) != nil {
		conn.Abort()
	}
	go c.serve()
	go func() {
		defer cancel()
		c.op.run(own, params)
	}()
}

// resume reads Last-Event-ID, which takes precedence over the argument after.
func resume(h http.Header) (after *int64, refused *httpError) {
	id := h.Get(lastEventID)
	if id == "" {
		return nil, nil
	}
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seq < 0 || seq > MaxSeq {
		return nil, badParameter(lastEventID, "Last-Event-ID must be the id of an event of this stream: a number.")
	}
	return &seq, nil
}

// crowded refuses a user who has too many connections, and otherwise counts the connection.
func (s *Server) crowded(by desk.Request) *httpError {
	if s.live.room() != nil {
		return &httpError{status: http.StatusServiceUnavailable, code: string(chat.Unavailable), message: unavailableMessage}
	}
	if id := by.Caller.ID; id != "" && !s.live.enlist(id) {
		return &httpError{status: http.StatusTooManyRequests, code: string(chat.RateLimited),
			message: "Too many connections of this user."}
	}
	return nil
}

// serve waits until the peer disconnects.
func (c *eventStream) serve() {
	c.conn.Discard()
	c.op.end(nil)
	c.server.live.remove(c, c.by.Caller.ID)
}

// sweep implements connection.
func (c *eventStream) sweep(ctx context.Context, now time.Time, _ time.Duration) {
	expires := c.by.Caller.Expires
	switch {
	case !expires.IsZero() && !now.Before(expires):
		c.conn.Send(comment("the token has expired"))
		c.conn.Close(0, "")
	case c.server.revoked(ctx, c.by):
		c.conn.Send(comment("the token was revoked"))
		c.conn.Close(0, "")
	case now.Sub(c.beaten) >= c.server.live.limits.Beat:
		c.beaten = now
		c.conn.Send(comment(""))
	}
}

func comment(text string) wire.Item { return wire.Item{Body: []byte(":" + text + "\n\n")} }

// restart implements connection.
func (c *eventStream) restart() { c.conn.Close(0, "") }

// abort implements connection.
func (c *eventStream) abort() { c.conn.Abort() }

// request implements owner.
func (c *eventStream) request() desk.Request { return c.by }

// release implements owner.
func (c *eventStream) release(*liveOperation) {}

var completeEvent = wire.Item{Body: []byte("event: complete\ndata: \n\n")}

// failed implements owner. In this protocol an error is a normal result.
func (c *eventStream) failed(errs gqlerror.List, o *liveOperation) []wire.Item {
	body := append(append([]byte(`{"errors":`), refusal(errs)...), '}')
	return []wire.Item{{Prefix: o.prefix, Body: body, Op: ws.OpText}, completeEvent}
}

// completed implements owner.
func (c *eventStream) completed(*liveOperation) []wire.Item { return []wire.Item{completeEvent} }
