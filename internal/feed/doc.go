// Package feed gives the events of logs to subscribers, in the order of their seq, without
// a gap or a repeat. A [Hub] knows the end of each log and wakes the subscribers. A feed
// reads on from its position.
//
// The provider says where a log is and what its events are about, by a [Log]. The log in
// the database is the truth. What is kept here only saves reading it.
package feed
