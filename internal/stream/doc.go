// Package stream is a chat.Provider over hosted Stream Chat, by its server-side
// REST API (version 2). docs/stream.md says what maps to what, and the limits.
//
// client.go does one request: it signs, limits the pace, repeats what may be
// repeated and stops asking while Stream is away. errors.go says what Stream's
// error codes mean here, call.go which calls there are. The rest is one file per
// noun.
//
// Stream keeps all chat data. Our own database holds idempotency keys, and the logs of
// events, which Stream has none of: log.go says what they are told, poll.go finds what
// others do at Stream.
package stream
