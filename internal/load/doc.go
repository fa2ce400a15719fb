// Package load is a load generator for a running server: it connects subscribers
// over WebSocket, sends messages over HTTP, and checks and times each delivery.
//
// It is meant to take little of the machine that it shares with the server: no
// JSON is decoded per delivery, frames are counted and searched for their number
// in a buffer that all connections share. It knows the server from outside only;
// whose CPU time counts for what is the caller's business, with ProcessUsage.
package load
