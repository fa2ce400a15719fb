package engine

import (
	"context"
	"maps"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Roles returns all roles by name.
func (e *Engine) Roles(ctx context.Context) ([]chat.RoleInfo, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return nil, err
	}
	list := values(s.roles, func(r chat.RoleInfo) string { return r.Name })
	for i := range list {
		list[i].Scopes = s.scopes(list[i].Name)
	}
	return list, nil
}

// CreateRole adds a role. InvalidArguments: there is one of that name.
func (e *Engine) CreateRole(ctx context.Context, name string) (made chat.RoleInfo, err error) {
	if bad := chat.CheckRoleName(name); bad != nil {
		return made, bad
	}
	made = chat.RoleInfo{Name: name, Custom: true, CreatedAt: e.now()}
	made.UpdatedAt = made.CreatedAt
	return made, e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		if _, exists := s.roles[name]; exists {
			return chat.Invalid("name", "There is a role %q already.", name)
		}
		if len(s.roles) >= len(chat.BuiltInRoles())+chat.MaxRoles {
			return chat.Invalid("name", "There are %d roles of your own, which is the most.", chat.MaxRoles)
		}
		return tx.PutSetting(settingRole, name, map[string]any{}, made.CreatedAt)
	})
}

// DeleteRole removes a role of one's own; NotFound. Members who have it in their
// channels keep it. InvalidArguments: users have it, or permissions are granted to
// it.
func (e *Engine) DeleteRole(ctx context.Context, name string) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		role, found := s.roles[name]
		switch scopes := s.scopes(name); {
		case !found:
			return chat.Missing("name", "There is no role %q.", name)
		case !role.Custom:
			return chat.Invalid("name", "The role %q is built in.", name)
		case len(scopes) > 0:
			return chat.Invalid("name", "The role %q has permissions in %q: take them away first.", name, scopes)
		}
		used, err := tx.RoleInUse(chat.Role(name))
		if err == nil && used {
			err = chat.Invalid("name", "There are users with the role %q: give them another first.", name)
		}
		if err != nil {
			return err
		}
		return tx.DropSetting(settingRole, name)
	})
}

// scopes are where permissions are granted to a role.
func (s *settings) scopes(role string) []string {
	var list []string
	if len(s.app.Grants[role]) > 0 {
		list = append(list, appScope)
	}
	for _, t := range slices.Sorted(maps.Keys(s.types)) {
		if len(s.types[t].Grants[role]) > 0 {
			list = append(list, string(t))
		}
	}
	return list
}

// checkRole says that there is no such role.
func (e *Engine) checkRole(tx *sqlstore.Tx, field, role string) error {
	s, err := e.settingsIn(tx)
	if err != nil {
		return err
	}
	if _, found := s.roles[role]; !found {
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
