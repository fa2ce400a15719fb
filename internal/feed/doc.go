// Package feed delivers the events of logs to subscribers, in the order of their seq, without gaps
// or repeats. A [Hub] knows the end of each log and wakes the subscribers. A feed reads the log
// from its position.
//
// The provider describes a log by a [Log]. The log in the database is authoritative. What this
// package keeps in memory only saves reading it.
package feed
