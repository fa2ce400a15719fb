// Package ledger keeps the records of what the staff changed, for both providers: it stores
// one in the transaction of its effect, copies it to the log, and lists and streams them.
//
// It knows nothing of how a change is made or taken back.
package ledger
