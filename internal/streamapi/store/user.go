package store

import (
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// UserSearch selects users by any of their fields. Ties are ordered newest first, then by id.
type UserSearch struct {
	Search
	Deactivated bool // include deactivated users
}

// RoleInUse reports whether users who aren't deleted have a role.
func RoleInUse(tx *sqlstore.Tx, role chat.Role) (bool, error) {
	_, found, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[string], `SELECT id FROM users WHERE role = $1 AND deleted_at = 0 LIMIT 1`, string(role))
	return found, err
}
