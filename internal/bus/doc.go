// Package bus sends new log entries between the servers that share a database, over core NATS.
//
// Delivery isn't guaranteed: a frame may be lost, late or repeated. The log in the database is
// authoritative. The bus reports when something may have been lost, so that a server knows when it
// must read the log. It knows neither channels nor rights.
package bus
