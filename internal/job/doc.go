// Package job runs operations on many targets, so that each target is done exactly once, on any
// number of servers, even if a server is killed or pauses.
//
// A job has one row for each target. The provider marks a row as done in the transaction of its
// effect ([chat.Task]), so that neither exists without the other. One server at a time runs jobs,
// under a lease whose number each row's transaction checks: a server that lost the lease changes
// nothing. Running jobs take turns, a few rows each, and requests have priority.
//
// [Duty] is the lease on its own, for other work that one server at a time does.
package job
