// Package wire keeps connections that the server pushes to: WebSockets, and streams of
// server-sent events. A connection is taken over from net/http. It costs one small
// goroutine, which reads, and no memory for writing while nothing waits to be written. What
// is queued goes out in one write, no sender waits for a peer, and a peer that doesn't read
// is dropped.
//
// It doesn't know what the messages mean.
package wire
