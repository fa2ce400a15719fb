// Package wire keeps connections that the server pushes to: WebSockets, and
// streams of server-sent events. A connection is taken over from net/http; it
// costs one small goroutine, which reads, and no memory for writing while nothing
// waits to be written. What has queued up goes out in one write, nobody ever
// waits for a peer, and a peer that doesn't read is dropped.
//
// It frames and unframes; what the messages mean it doesn't know.
package wire
