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

// contextKey names what the transport hands to resolvers through the context, since gqlgen
// leaves no other way.
type contextKey int

const (
	requestKey   contextKey = iota // *inbound
	requestIDKey                   // source
	eventsKey                      // <-chan *chat.Event
)

var errNoRequest = errors.New("the request did not come through the transport")

// inbound is one request, with the codes that were logged for it.
type inbound struct {
	desk.Request

	mu      sync.Mutex
	logged  []chat.Code
	changes []changeID
}

// changeID says which mutation made which change.
type changeID struct {
	Path ast.Path `json:"path"`
	ID   string   `json:"id"`
}

// Request says who calls the field that is being resolved.
func Request(ctx context.Context) desk.Request {
	c, ok := ctx.Value(requestKey).(*inbound)
	if !ok {
		return desk.Request{Denied: errNoRequest}
	}
	r := c.Request
	from := sourceOf(ctx)
	r.Via, r.RequestID, r.Address = chat.ByGraphQL, from.id, from.remote
	if fc := graphql.GetFieldContext(ctx); fc != nil && fc.Object == "Mutation" {
		r.Noted = func(id string) { c.noted(changeID{Path: fc.Path(), ID: id}) }
	}
	return r
}

func (c *inbound) noted(change changeID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes = append(c.changes, change)
}

// changesOf are the changes that the request made so far.
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

// firstOf reports whether the request fails with the code for the first time. So twenty
// fields that are refused alike make one line in the log.
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

// sourceOf is what the log calls the request by; empty outside of one.
func sourceOf(ctx context.Context) source {
	s, _ := ctx.Value(requestIDKey).(source)
	return s
}

// requestID is the id in the X-Request-Id header of the response and in the log; "" outside
// of a request.
func requestID(ctx context.Context) string { return sourceOf(ctx).id }

var errNoEvents = errors.New("subscriptions are served over WebSocket and server-sent events only")

// Events are what the resolver of a subscription gives to gqlgen, if gqlgen renders them.
func Events(ctx context.Context) (<-chan *chat.Event, error) {
	if events, ok := ctx.Value(eventsKey).(<-chan *chat.Event); ok {
		return events, nil
	}
	return nil, errNoEvents
}
