// Package sqlstore stores the engine's state in SQLite or PostgreSQL, with one SQL text for both;
// dialect.go has the differences. Writes go through one group-committing writer, see [Store.Write];
// reads use a pool.
//
// It has no rules: it doesn't know who may do what, or which names are valid. Its errors are
// *chat.Error with the codes Unavailable and Internal, unless a function's comment says otherwise.
package sqlstore
