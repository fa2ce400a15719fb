// Package transport serves a GraphQL schema over HTTP, WebSocket and server-sent events.
//
// It reads the HTTP request (params.go), parses, limits and validates the document
// (document.go, limits.go, input.go), counts what it costs (cost.go), runs it, and puts
// every failure into the one form that callers see (errors.go). Subscriptions are
// operations of a live connection (session.go, event_stream.go, live_operation.go).
//
// It knows who calls, but nothing of what the schema is about: package graph gives it
// that as a [Schema].
package transport
