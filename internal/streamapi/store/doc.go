// Package store is the SQL that only Stream's API asks for: its filters and sorts,
// searches, threads, flags, versions of messages and whatever else no other API
// shows. It adds to package sqlstore, whose tables and transactions it shares.
package store

import "backchannel/internal/sqlstore"

// Store is a database.
type Store struct {
	*sqlstore.Store

	dialect dialect
}

// New returns a store on an open database.
func New(s *sqlstore.Store) *Store { return &Store{s, dialect{sqlite: s.OnSQLite}} }

// dialect has the differences of the two databases.
type dialect struct{ sqlite bool }

var onSQLite = dialect{sqlite: true}
