// Package feed gives the events of logs to those who listen, each in the order of its
// seq, without gap or repeat. A [Hub] knows how far each log has come and wakes the
// listeners; a feed reads on from where it stands.
//
// Where a log is kept and what its events are about is for the provider to say, by a
// [Log]. The log in the database is the truth: nothing here is kept but what spares
// reading it.
package feed
