package transport

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
)

// contextKey identifies values that the transport passes to resolvers through the context, since
// gqlgen leaves no other way.
type contextKey int

const (
	requestKey   contextKey = iota // *inbound
	requestIDKey                   // source
	eventsKey                      // <-chan *chat.Event
)

var errNoRequest = errors.New("the request did not come through the transport")

// inbound is one request and the codes that were logged for it.
type inbound struct {
	desk.Request

	readable desk.Readable
	mu       sync.Mutex
	logged   []chat.Code
	changes  []changeID
}

// changeID is a mutation's field and the id of the change that it made.
type changeID struct {
	Path ast.Path `json:"path"`
	ID   string   `json:"id"`
}

// Request returns the request of the field that is being resolved.
func Request(ctx context.Context) desk.Request {
	c, ok := ctx.Value(requestKey).(*inbound)
	if !ok {
		return desk.Request{Denied: errNoRequest}
	}
	r := c.Request
	from := sourceOf(ctx)
	r.Via, r.RequestID, r.Address = chat.ByGraphQL, from.id, from.remote
	switch fc := graphql.GetFieldContext(ctx); {
	case fc == nil:
	case fc.Object == "Mutation":
		r.Noted = func(id string) { c.noted(changeID{Path: fc.Path(), ID: id}) }
	case fc.Object == "Query": // a subscription lasts, and checks again
		r.Readable = &c.readable
	}
	return r
}

func (c *inbound) noted(change changeID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes = append(c.changes, change)
}

// changesOf returns the changes that the request has made so far.
func changesOf(ctx context.Context) []changeID {
	c, ok := ctx.Value(requestKey).(*inbound)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changes
}

func withRequest(ctx context.Context, r desk.Request) context.Context {
	return context.WithValue(ctx, requestKey, &inbound{Request: r})
}

// firstOf reports whether this is the request's first failure with the code. So a request with
// twenty refused fields adds one line to the log.
func firstOf(ctx context.Context, code chat.Code) bool {
	c, ok := ctx.Value(requestKey).(*inbound)
	if !ok {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.logged, code) {
		return false
	}
	c.logged = append(c.logged, code)
	return true
}

// sourceOf returns the source of the request; empty outside of a request.
func sourceOf(ctx context.Context) source {
	s, _ := ctx.Value(requestIDKey).(source)
	return s
}

// requestID returns the id in the X-Request-Id header of the response and in the log; "" outside of
// a request.
func requestID(ctx context.Context) string { return sourceOf(ctx).id }

var errNoEvents = errors.New("subscriptions are served over WebSocket and server-sent events only")

// Events returns the channel from which gqlgen's resolver of a subscription takes its events.
func Events(ctx context.Context) (<-chan *chat.Event, error) {
	if events, ok := ctx.Value(eventsKey).(<-chan *chat.Event); ok {
		return events, nil
	}
	return nil, errNoEvents
}
