package graph

import (
	"context"
	"errors"

	"backchannel/internal/desk"
)

// contextKey names what the transport hands to resolvers through the context:
// gqlgen leaves them no other door.
type contextKey int

const (
	requestKey   contextKey = iota // desk.Request
	requestIDKey                   // string
)

var errNoRequest = errors.New("the request did not come through the transport")

// request says who calls the field that is being resolved.
func request(ctx context.Context) desk.Request {
	if r, ok := ctx.Value(requestKey).(desk.Request); ok {
		return r
	}
	return desk.Request{Denied: errNoRequest}
}

func withRequest(ctx context.Context, r desk.Request) context.Context {
	return context.WithValue(ctx, requestKey, r)
}

// requestID is the id that the response's X-Request-Id header and the log lines
// carry; "" outside of a request.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}
