// Package load is a load generator for a running server: it connects subscribers
// over WebSocket, sends messages over HTTP, and checks and times each delivery.
//
// It uses little of the machine that it shares with the server: it doesn't decode JSON for a
// delivery, but counts frames and searches them for their number, in a buffer that all connections
// share. It knows the server only from outside. The caller measures CPU time with ProcessUsage.
package load
