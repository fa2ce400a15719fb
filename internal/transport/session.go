package transport

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/wire"
)

// session is a WebSocket that uses graphql-transport-ws.
//
// The token is in the payload's authorization of connection_init, or in the upgrade's Authorization
// header. When it expires or is revoked, the connection ends with 4403. To prevent that, the client
// sends a ping with a newer token of the same user in the payload's authorization; the pong to it
// has no payload.
type session struct {
	server *Server
	conn   *wire.Conn
	source source       // of the request that opened it
	opened time.Time    // moved forward by the time that the server was paused
	seen   atomic.Int64 // when the peer was last heard, in nanoseconds since 1970
	pinged time.Time    // when the sweeper last sent a ping
	pace   pace

	mu         sync.Mutex
	header     string // the upgrade's Authorization header; "" once the connection is acknowledged
	greeted    bool   // connection_init was received
	caller     desk.Request
	enlisted   string // the user for whom the connection is counted; "" before the acknowledgement
	operations []*liveOperation
}

// upgrade upgrades a request to a session.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	limits := &s.live.limits
	conn, offered, err := wire.Upgrade(w, r, subprotocol, &limits.Wire)
	if err != nil {
		return // Upgrade has answered
	}
	now := time.Now()
	c := &session{server: s, conn: conn, source: sourceOf(r.Context()), opened: now, pinged: now,
		header: r.Header.Get("Authorization"), pace: pace{tokens: limits.Burst, at: now}}
	c.seen.Store(now.UnixNano())
	if err := s.live.add(c); err != nil {
		conn.Close(closeRestart, "try again later")
	}
	if !offered {
		conn.Close(closeNoProtocol, "Subprotocol not acceptable")
	}
	go c.idle()
}

// idle waits for data. Quiet connections do nothing else, so their goroutines have the smallest
// possible stacks. Reading and handling data needs a larger stack and is done in a separate,
// short-lived goroutine.
func (c *session) idle() {
	c.conn.Wait()
	go c.serve()
}

// serve reads and handles data until there is none or the connection ends.
func (c *session) serve() {
	for {
		if !c.read() {
			c.finish()
			return
		}
		if !c.conn.Waiting() {
			go c.idle()
			return
		}
	}
}

// read reads and handles a message. It reports whether there may be more.
func (c *session) read() bool {
	how, done := c.reading()
	defer done()
	op, text, err := c.conn.Read(how)
	switch refused, _ := errors.AsType[*wire.CloseError](err); {
	case refused != nil:
		c.conn.Close(refused.Code, refused.Reason)
		c.conn.Discard()
		return false
	case errors.Is(err, wire.ErrClosed):
		c.conn.Close(ws.StatusNormalClosure, "")
		return false
	case err != nil:
		return false
	}
	c.alive()
	c.server.live.limits.wait(&c.pace)
	if !c.conn.Closing() {
		c.take(op, text)
	}
	return true
}

// take handles a message and recovers from panics.
func (c *session) take(op ws.OpCode, text []byte) {
	defer func() {
		if value := recover(); value != nil {
			_ = c.server.presenter.present(c.context(), recoverPanic(c.context(), value))
			c.conn.Close(ws.StatusInternalServerError, "Internal server error")
		}
	}()
	c.handle(op, text)
}

func (c *session) finish() {
	c.conn.Abort()
	c.mu.Lock()
	left := slices.Clone(c.operations)
	user := c.enlisted
	c.mu.Unlock()
	for _, o := range left {
		o.end(nil)
	}
	c.server.live.remove(c, user)
}

func (c *session) alive() { c.seen.Store(time.Now().UnixNano()) }

// context returns the context of the session's own actions.
func (c *session) context() context.Context {
	return withRequest(context.WithValue(context.Background(), requestIDKey, c.source), c.request())
}

func (c *session) handle(op ws.OpCode, text []byte) {
	if op != ws.OpText {
		c.conn.Close(closeBadMessage, "Invalid message: send text")
		return
	}
	f, err := parseFrame(text)
	if err != nil {
		c.conn.Close(closeBadMessage, "Invalid message: "+err.Error())
		return
	}
	switch f.kind {
	case frameInit:
		c.greet(f)
	case framePing:
		c.answerPing(f)
	case frameSubscribe:
		c.subscribe(f)
	case frameComplete:
		if o := c.find(f.id); o != nil {
			o.end(nil)
		}
	}
}

// subscribe starts an operation.
func (c *session) subscribe(f frame) {
	if !c.acknowledged() {
		c.conn.Close(closeUnauthorized, "Unauthorized")
		return
	}
	if c.find(f.id) != nil {
		c.conn.Close(closeDuplicate, "Subscriber for "+f.id+" already exists")
		return
	}
	params, bad := f.parameters()
	if bad != nil {
		c.conn.Close(closeBadMessage, "Invalid message: "+bad.message)
		return
	}
	ctx, cancel := context.WithCancel(c.context())
	o := &liveOperation{server: c.server, owner: c, conn: c.conn, id: f.id, prefix: nextPrefix(f.id), cancel: cancel}
	if !c.begin(o) {
		cancel()
		c.conn.Send(errorItem(f.id, gqlerror.List{requestError(string(chat.RateLimited),
			"This connection has too many operations under way.", "", nil)}))
		return
	}
	go func() {
		defer cancel()
		o.run(ctx, params)
	}()
}

func (c *session) begin(o *liveOperation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.operations) >= c.server.live.limits.Operations {
		return false
	}
	c.operations = append(c.operations, o)
	return true
}

func (c *session) find(id string) *liveOperation {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.operations {
		if o.id == id {
			return o
		}
	}
	return nil
}

// request implements owner.
func (c *session) request() desk.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.caller
}

// release implements owner.
func (c *session) release(o *liveOperation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.operations, o); i >= 0 {
		c.operations = slices.Delete(c.operations, i, i+1)
	}
}

// failed implements owner.
func (c *session) failed(errs gqlerror.List, o *liveOperation) []wire.Item {
	return []wire.Item{errorItem(o.id, errs)}
}

// completed implements owner.
func (c *session) completed(o *liveOperation) []wire.Item { return []wire.Item{completeItem(o.id)} }
