// Package job runs work on many targets, so that each of them is done exactly once, on any
// number of servers, and whenever one of them is killed or stands still.
//
// The ledger of a job has one row for each target. A row is marked as done in the transaction
// of its effect, by the provider ([chat.Task]), so that there is never one without the other.
// One server at a time runs jobs, under a lease whose number each row's transaction checks:
// what a server does that lost the lease changes nothing. All jobs that run take turns, a few
// rows each, and people's requests go first.
//
// [Duty] is that lease on its own, for other work that one server at a time does.
package job
