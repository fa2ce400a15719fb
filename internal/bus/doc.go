// Package bus carries news between the servers that share a database, over core NATS.
//
// It promises nothing: a frame may be lost, come late or come twice. The log in the
// database is the truth. What the bus does is tell when something may have been lost, so
// that a server knows when it must read the log. It knows neither channels nor rights.
package bus
