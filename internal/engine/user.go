package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
	"backchannel/internal/sqlstore"
)

// Users implements chat.Provider.
func (e *Engine) Users(ctx context.Context, q chat.UserQuery) (chat.Page[chat.User], error) {
	list, err := e.Store.Users(ctx, q)
	if err == nil {
		err = e.Store.AddRestrictions(ctx, list, e.now())
	}
	return forward(list, q.Limit, q.After != chat.Position{}), err
}

// CountUsers implements chat.Provider.
func (e *Engine) CountUsers(ctx context.Context, search string, most int) (int, error) {
	list, err := e.Store.Users(ctx, chat.UserQuery{Limit: most - 1, Search: search})
	return len(list), err
}

// UsersByID returns the users that exist, by id, including deleted ones.
func (e *Engine) UsersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	return e.Store.UsersByID(ctx, ids, e.now())
}

func (e *Engine) usersInOrder(ctx context.Context, ids []string) ([]chat.User, error) {
	users, err := e.UsersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]chat.User, 0, len(ids))
	for _, id := range ids {
		if u, ok := users[id]; ok {
			list = append(list, u)
		}
	}
	return list, nil
}

// UpsertUsers implements chat.Provider. A repeat by key returns the current users.
func (e *Engine) UpsertUsers(ctx context.Context, req chat.UpsertUsers) ([]chat.User, error) {
	ids := make([]string, len(req.Users))
	for i, u := range req.Users {
		ids[i] = u.ID
	}
	err := e.ChangeUsers(ctx, chat.ChangeUsers{Operation: req.Operation, IDs: ids, Create: true,
		IfVersion: func(i int) (*string, string) { return req.Users[i].IfVersion, fmt.Sprintf("users[%d].ifVersion", i) },
		Change: func(i int, u *chat.User) error {
			if u.Name = req.Users[i].Name; req.Users[i].Role != "" {
				u.Role = req.Users[i].Role
			}
			return nil
		}})
	if err != nil || req.Discard {
		return nil, err
	}
	return e.usersInOrder(ctx, ids)
}

// SetRole implements chat.Provider.
func (e *Engine) SetRole(ctx context.Context, req chat.SetRole) error {
	return e.ChangeUsers(ctx, chat.ChangeUsers{Operation: req.Operation, IDs: []string{req.UserID},
		IfVersion: func(int) (*string, string) { return req.Operation.IfVersion, "ifVersion" },
		Change: func(_ int, u *chat.User) error {
			u.Role = req.Role
			return nil
		}})
}

// SetRoles implements chat.Provider.
func (e *Engine) SetRoles(ctx context.Context, req chat.SetRoles) ([]chat.RoleChange, error) {
	result, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		previous := make([]string, len(req.UserIDs))
		err := e.changeUsers(tx, chat.ChangeUsers{Operation: req.Operation, IDs: req.UserIDs,
			IfVersion: func(i int) (*string, string) { return req.Version(i), fmt.Sprintf("ifVersions[%d]", i) },
			Change: func(i int, u *chat.User) error {
				previous[i], u.Role = string(u.Role), req.Role
				return nil
			}})
		return strings.Join(previous, ","), err
	})
	if err != nil {
		return nil, err
	}
	users, err := e.usersInOrder(ctx, req.UserIDs)
	if err != nil {
		return nil, err
	}
	list := make([]chat.RoleChange, 0, len(users))
	for i, previous := range strings.Split(result, ",") {
		list = append(list, chat.RoleChange{User: users[i], Previous: chat.Role(previous)})
	}
	return list, nil
}

// ChangeUsers applies a change to each of the users and stores the results, all or none. NotFound:
// a user doesn't exist or is deleted; InvalidArguments: a result isn't valid.
func (e *Engine) ChangeUsers(ctx context.Context, req chat.ChangeUsers) error {
	_, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) { return "", e.changeUsers(tx, req) })
	return err
}

func (e *Effects) changeUsers(tx *sqlstore.Tx, req chat.ChangeUsers) error {
	known, err := tx.HoldUsers(req.IDs)
	if err != nil {
		return err
	}
	unknown := missing(req, known)
	switch {
	case len(unknown) > 0 && len(req.IDs) == 1:
		return NoUser()
	case len(unknown) > 0:
		refused := chat.UnknownUsers("users", unknown)
		refused.Code = chat.NotFound
		return refused
	}
	if err := e.checkUserVersions(tx, req, known); err != nil {
		return err
	}
	return sqlstore.TrackUsers(tx, req.IDs, func() error { return e.storeChanged(tx, req, known) })
}

func (e *Effects) storeChanged(tx *sqlstore.Tx, req chat.ChangeUsers, known map[string]chat.User) error {
	for i, id := range req.IDs {
		old, found := known[id]
		u := old
		if !found {
			u = chat.User{ID: id, Role: chat.RoleUser}
		}
		if err := req.Change(i, &u); err != nil {
			return err
		}
		if err := e.StoreUser(tx, old, u); err != nil {
			return err
		}
	}
	return nil
}

// checkUserVersions is checkVersion for users.
func (e *Effects) checkUserVersions(tx *sqlstore.Tx, req chat.ChangeUsers, known map[string]chat.User) error {
	if req.IfVersion == nil {
		return nil
	}
	for i, id := range req.IDs {
		version := chat.NoVersion
		if u, found := known[id]; found {
			version = u.Version()
		}
		want, field := req.IfVersion(i)
		if err := e.checkVersion(tx, req.Operation.By, want, field, version, chat.ChangeTarget{Kind: chat.UserTarget, UserID: id}); err != nil {
			return err
		}
	}
	return nil
}

func missing(req chat.ChangeUsers, known map[string]chat.User) (unknown []string) {
	for _, id := range req.IDs {
		u, found := known[id]
		if !found && !req.Create || !u.DeletedAt.IsZero() && !req.Deleted {
			unknown = append(unknown, id)
		}
	}
	return unknown
}

// StoreUser checks the new state of a user and stores it.
func (e *Effects) StoreUser(tx *sqlstore.Tx, old, u chat.User) error {
	if err := chat.CheckUserID(u.ID); err != nil {
		return err
	}
	if err := chat.CheckCustom(u.Custom); err != nil {
		return err
	}
	if u.Role == "" {
		u.Role = chat.RoleUser
	}
	if err := e.checkUser(tx, old, u); err != nil {
		return err
	}
	if u.UpdatedAt = e.now(); u.CreatedAt.IsZero() {
		u.CreatedAt = u.UpdatedAt
	}
	if err := tx.PutUser(u); err != nil {
		return err
	}
	// Creating a plain user isn't an event.
	if cmp.Or(old.Role, chat.RoleUser) == u.Role && old.Gone() == u.Gone() && old.TokensAfter.Equal(u.TokensAfter) {
		return nil
	}
	return e.accessChanged(tx, u.ID)
}

// checkUser checks what has changed in a user against the app's settings.
func (e *Effects) checkUser(tx *sqlstore.Tx, old, u chat.User) error {
	if u.Role != old.Role {
		if err := e.checkRole(tx, "role", string(u.Role)); err != nil {
			return err
		}
	}
	for team, role := range u.TeamsRole {
		if role == old.TeamsRole[team] {
			continue
		}
		if err := e.checkRole(tx, "teams_role", role); err != nil {
			return err
		}
	}
	if fold.Text(u.Name) == fold.Text(old.Name) && slices.Equal(u.Teams, old.Teams) {
		return nil
	}
	return e.checkName(tx, u)
}

// NoUser returns the error for a user who doesn't exist.
func NoUser() error { return chat.Missing("users", "There is no such chat user.") }
