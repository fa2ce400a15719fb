// Package sqlstore keeps the engine's state in SQLite or PostgreSQL, with one SQL
// text for both; dialect.go holds what differs. Writes go through one
// group-committing writer, see [Store.Write]; reads come from a pool.
//
// It has no rules: it doesn't know who may do what, or what a name may look like. Its
// failures are *chat.Error with the codes Unavailable and Internal, unless a function says
// otherwise.
package sqlstore
