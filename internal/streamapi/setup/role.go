package setup

import (
	"context"
	"maps"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// Roles returns all roles by name.
func (e *Engine) Roles(ctx context.Context) ([]chat.RoleInfo, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	list := values(s.Roles, func(r chat.RoleInfo) string { return r.Name })
	for i := range list {
		list[i].Scopes = scopes(s, list[i].Name)
	}
	return list, nil
}

// CreateRole adds a role. InvalidArguments: the name is taken.
func (e *Engine) CreateRole(ctx context.Context, name string) (made chat.RoleInfo, err error) {
	if bad := CheckRoleName(name); bad != nil {
		return made, bad
	}
	made = chat.RoleInfo{Name: name, Custom: true, CreatedAt: e.now()}
	made.UpdatedAt = made.CreatedAt
	return made, e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, exists := s.Roles[name]; exists {
			return chat.Invalid("name", "There is a role %q already.", name)
		}
		if len(s.Roles) >= len(chat.BuiltInRoles())+chat.MaxRoles {
			return chat.Invalid("name", "There are %d roles of your own already: delete one first.", chat.MaxRoles)
		}
		return store.PutSetting(tx, engine.SettingRole, name, map[string]any{}, made.CreatedAt)
	})
}

// DeleteRole removes a custom role; NotFound. Members who have it in a channel keep it.
// InvalidArguments: users have the role, or permissions are granted to it.
func (e *Engine) DeleteRole(ctx context.Context, name string) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		role, found := s.Roles[name]
		switch scopes := scopes(s, name); {
		case !found:
			return chat.Missing("name", "There is no role %q.", name)
		case !role.Custom:
			return chat.Invalid("name", "The role %q is built in.", name)
		case len(scopes) > 0:
			return chat.Invalid("name", "The role %q has permissions in %q: take them away first.", name, scopes)
		}
		used, err := store.RoleInUse(tx, chat.Role(name))
		if err == nil && used {
			err = chat.Invalid("name", "There are users with the role %q: give them another first.", name)
		}
		if err != nil {
			return err
		}
		return store.DropSetting(tx, engine.SettingRole, name)
	})
}

// scopes returns where permissions are granted to a role.
func scopes(s *engine.Settings, role string) []string {
	var list []string
	if len(s.App.Grants[role]) > 0 {
		list = append(list, engine.AppScope)
	}
	for _, t := range slices.Sorted(maps.Keys(s.Types)) {
		if len(s.Types[t].Grants[role]) > 0 {
			list = append(list, string(t))
		}
	}
	return list
}

// CheckRoleName returns an error if the name of a role isn't valid.
func CheckRoleName(name string) *chat.Error {
	if !chat.MadeOf(name, chat.MaxTypeNameLength, "_-") {
		return chat.Invalid("name", "The name of a role is 1 to %d characters of A-Z a-z 0-9 _ -.", chat.MaxTypeNameLength)
	}
	return nil
}
