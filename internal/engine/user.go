package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Users implements chat.Provider.
func (e *Engine) Users(ctx context.Context, q chat.UserQuery) (chat.Page[chat.User], error) {
	list, err := e.store.Users(ctx, q)
	return forward(list, q.Limit, q.After != chat.Position{}), err
}

// UpsertUsers implements chat.Provider. A repeat by key returns the users as they
// are then.
func (e *Engine) UpsertUsers(ctx context.Context, req chat.UpsertUsers) ([]chat.User, error) {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		at := now()
		for _, u := range req.Users {
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
	return e.store.UsersInOrder(ctx, ids)
}

// SetRole implements chat.Provider.
func (e *Engine) SetRole(ctx context.Context, req chat.SetRole) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		found, err := tx.SetRole(req.UserID, req.Role, now())
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

func (e *Engine) roleChanged(tx *sqlstore.Tx, user string) error {
	tx.AfterCommit(func() { e.hub.accessChanged(user) })
	return e.recordForDesk(tx, sqlstore.Entry{Type: chat.UserUpdated, User: user, At: now()})
}

func noUser() error { return chat.Missing("input.userId", "There is no such chat user.") }
