package engine

import (
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// checkRole returns an error if a role doesn't exist.
func (e *Effects) checkRole(tx *sqlstore.Tx, field, role string) error {
	s, err := e.SettingsIn(tx)
	if err != nil {
		return err
	}
	if _, found := s.Roles[role]; !found {
		return chat.Invalid(field, "There is no role %q; create it first.", role)
	}
	return nil
}

func builtInRoles() map[string]chat.RoleInfo {
	roles := map[string]chat.RoleInfo{}
	for _, name := range chat.BuiltInRoles() {
		roles[name] = chat.RoleInfo{Name: name, CreatedAt: sinceEver, UpdatedAt: sinceEver}
	}
	return roles
}
