// Package ledger stores the records of changes by the staff, for both providers. It stores a record
// in the transaction of its effect, copies it to the log, and lists and streams records.
//
// It doesn't know how changes are made, nor how those at a hosted chat are undone.
package ledger
