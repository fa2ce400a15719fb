// Package wire has connections for pushing data: WebSockets and streams of server-sent events. A
// connection is hijacked from net/http. It needs one small goroutine, which reads, and no memory
// for writing unless something is waiting to be written. Queued items are written together, no
// sender waits for a peer, and a peer that doesn't read is disconnected.
//
// The package doesn't know what the messages mean.
package wire
