// Package transport serves a GraphQL schema over HTTP, WebSocket and server-sent events.
//
// It reads the HTTP request (params.go), parses, limits and validates the document (document.go,
// limits.go, input.go), computes its cost (cost.go), executes it, and converts every failure to the
// form that callers see (errors.go). Subscriptions are operations of a live connection (session.go,
// event_stream.go, live_operation.go).
//
// It identifies callers but doesn't know what the schema is about: package graph supplies the
// schema as a [Schema].
package transport
