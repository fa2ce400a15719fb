// Package stream is a chat.Provider over hosted Stream Chat, using its server-side REST API
// (version 2). docs/stream.md describes the mapping and the limits.
//
// client.go makes one request: it signs it, observes the rate limit, repeats it if that is
// harmless, and makes none while Stream is failing. errors.go maps Stream's error codes, call.go
// lists the calls. Each other file has one subject.
//
// Stream stores all chat data. Our own database has idempotency keys and the logs of events, which
// Stream lacks: log.go writes them, and poll.go finds what others do at Stream.
package stream
