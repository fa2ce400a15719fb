// Package stream is a chat.Provider over hosted Stream Chat, by its server-side
// REST API (version 2). docs/stream.md says what maps to what, and the limits.
//
// client.go does one request: it signs, limits the pace, repeats what may be repeated and
// stops asking while Stream is away. errors.go says what Stream's error codes mean here,
// call.go which calls there are. The rest is one file for each subject.
//
// Stream keeps all chat data. Our own database has idempotency keys and the logs of events,
// which Stream lacks: log.go says what is written to them, and poll.go finds what others do
// at Stream.
package stream
