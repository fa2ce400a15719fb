package transport

import (
	"context"
	"errors"
	"slices"
	"sync"

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

	mu     sync.Mutex
	logged []chat.Code
}

// Request says who calls the field that is being resolved.
func Request(ctx context.Context) desk.Request {
	if c, ok := ctx.Value(requestKey).(*inbound); ok {
		return c.Request
	}
	return desk.Request{Denied: errNoRequest}
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
