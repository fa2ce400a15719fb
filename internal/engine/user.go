package engine

import (
	"context"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Users implements chat.Provider.
func (e *Engine) Users(ctx context.Context, q chat.UserQuery) (chat.Page[chat.User], error) {
	list, err := e.store.Users(ctx, q)
	if err == nil {
		err = e.store.AddRestrictions(ctx, list, e.now())
	}
	return forward(list, q.Limit, q.After != chat.Position{}), err
}

// UpsertUsers implements chat.Provider. A repeat by key returns the users as they
// are then.
func (e *Engine) UpsertUsers(ctx context.Context, req chat.UpsertUsers) ([]chat.User, error) {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		at := e.now()
		for _, u := range req.Users {
			if err := e.checkRename(tx, u); err != nil {
				return "", err
			}
			if err := tx.UpsertUser(u, at); err != nil {
				return "", err
			}
			if u.Role == "" {
				continue
			}
			if err := e.roleChanged(tx, u.ID); err != nil {
				return "", err
			}
		}
		return "", nil
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(req.Users))
	for i, u := range req.Users {
		ids[i] = u.ID
	}
	return e.usersInOrder(ctx, ids)
}

func (e *Engine) usersInOrder(ctx context.Context, ids []string) ([]chat.User, error) {
	list, err := e.store.UsersInOrder(ctx, ids)
	if err == nil {
		err = e.store.AddRestrictions(ctx, list, e.now())
	}
	return list, err
}

// SetRole implements chat.Provider.
func (e *Engine) SetRole(ctx context.Context, req chat.SetRole) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		found, err := tx.SetRole(req.UserID, req.Role, e.now())
		if err == nil && !found {
			err = noUser()
		}
		if err != nil {
			return "", err
		}
		return "", e.roleChanged(tx, req.UserID)
	})
	return err
}

// SetRoles implements chat.Provider.
func (e *Engine) SetRoles(ctx context.Context, req chat.SetRoles) ([]chat.RoleChange, error) {
	result, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		unknown, err := tx.UnknownUsers(req.UserIDs)
		if err == nil && len(unknown) > 0 {
			refused := chat.UnknownUsers("input.userIds", unknown)
			refused.Code = chat.NotFound
			err = refused
		}
		if err != nil {
			return "", err
		}
		return e.setRoles(tx, req)
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

// setRoles returns the roles that the users had, with commas between.
func (e *Engine) setRoles(tx *sqlstore.Tx, req chat.SetRoles) (string, error) {
	held, err := tx.HoldRoles(req.UserIDs)
	if err != nil {
		return "", err
	}
	previous := make([]string, len(req.UserIDs))
	for i, id := range req.UserIDs {
		previous[i] = string(held[id])
		if held[id] == req.Role {
			continue
		}
		if _, err := tx.SetRole(id, req.Role, e.now()); err != nil {
			return "", err
		}
		if err := e.roleChanged(tx, id); err != nil {
			return "", err
		}
	}
	return strings.Join(previous, ","), nil
}

func (e *Engine) roleChanged(tx *sqlstore.Tx, user string) error {
	tx.AfterCommit(func() { e.hub.accessChanged(user, e.now()) })
	return e.recordForDesk(tx, sqlstore.Entry{Type: chat.UserUpdated, User: user, At: e.now()})
}

// checkRename says that a user's new name is taken.
func (e *Engine) checkRename(tx *sqlstore.Tx, u chat.UserChange) error {
	old, _, err := tx.UserDetail(u.ID)
	if err != nil || chat.Fold(old.Name) == chat.Fold(u.Name) {
		return err
	}
	old.ID, old.Name = u.ID, u.Name
	return e.checkName(tx, old)
}

func noUser() error { return chat.Missing("input.userId", "There is no such chat user.") }
