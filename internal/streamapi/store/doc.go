// Package store has the SQL that only Stream's API needs: its filters and sorts, searches, threads,
// flags, versions of messages and whatever else no other API shows. It extends package sqlstore and
// shares its tables and transactions.
package store

import "backchannel/internal/sqlstore"

// Store is a database.
type Store struct {
	*sqlstore.Store

	dialect dialect
}

// New returns a store on an open database.
func New(s *sqlstore.Store) *Store { return &Store{s, dialect{sqlite: s.OnSQLite}} }

// dialect has the differences between the two databases.
type dialect struct{ sqlite bool }

var onSQLite = dialect{sqlite: true}
