package engine

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SearchUsers returns the users that match, without those deleted. InvalidArguments:
// the filter or sort asks what can't be asked.
func (e *Engine) SearchUsers(ctx context.Context, q chat.UserSearch) ([]chat.UserDetail, error) {
	return e.store.SearchUsers(ctx, q, e.now())
}

// UserDetails returns those users that there are, by id.
func (e *Engine) UserDetails(ctx context.Context, ids []string) (map[string]chat.UserDetail, error) {
	return e.store.UserDetails(ctx, ids, e.now())
}

// ReplaceUsers makes users be as given, whole, but for what was done to them: bans,
// deactivation, revoked tokens. New ones were made now, unless they say when. All or
// none.
func (e *Engine) ReplaceUsers(ctx context.Context, users []chat.UserDetail) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, u := range users {
			old, found, err := tx.UserDetail(u.ID)
			if err != nil {
				return err
			}
			if !old.DeletedAt.IsZero() {
				return chat.Invalid("id", "The user %q was deleted; restore it first.", u.ID)
			}
			u.DeactivatedAt, u.DeletedAt, u.TokensAfter = old.DeactivatedAt, old.DeletedAt, old.TokensAfter
			switch {
			case !u.CreatedAt.IsZero():
			case found:
				u.CreatedAt = old.CreatedAt
			default:
				u.CreatedAt = e.now()
			}
			if err := e.storeUser(tx, old, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// ChangeUsers has change work on each of the users, and stores the outcomes. All or
// none. NotFound: one of them.
func (e *Engine) ChangeUsers(ctx context.Context, ids []string, change func(u *chat.UserDetail) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, id := range ids {
			old, found, err := tx.UserDetail(id)
			if err == nil && !found {
				err = noUser()
			}
			if err != nil {
				return err
			}
			u := old
			if err := change(&u); err != nil {
				return err
			}
			if err := e.storeUser(tx, old, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// EnsureUser makes a chat user of that id where there is none. InvalidArguments: it
// was deleted; Unauthorized: it is deactivated.
func (e *Engine) EnsureUser(ctx context.Context, id string) error {
	known, err := e.UserDetails(ctx, []string{id})
	if err != nil {
		return err
	}
	if u, found := known[id]; found {
		switch {
		case !u.DeletedAt.IsZero():
			return chat.Invalid("user_id", "The user %q was deleted.", id)
		case !u.DeactivatedAt.IsZero():
			return &chat.Error{Code: chat.Unauthorized, Field: "user_id", Message: "The user is deactivated."}
		}
		return nil
	}
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		return tx.InsertUser(chat.User{ID: id, Role: chat.RoleUser, CreatedAt: e.now()})
	})
}

func (e *Engine) storeUser(tx *sqlstore.Tx, old, u chat.UserDetail) error {
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
	u.UpdatedAt = e.now()
	if err := tx.PutUserDetail(u); err != nil {
		return err
	}
	if old.Role == u.Role && old.Gone() == u.Gone() {
		return nil
	}
	return e.roleChanged(tx, u.ID)
}

// checkUser checks what of a user is new by the app's settings.
func (e *Engine) checkUser(tx *sqlstore.Tx, old, u chat.UserDetail) error {
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
	if chat.Fold(u.Name) == chat.Fold(old.Name) && slices.Equal(u.Teams, old.Teams) {
		return nil
	}
	return e.checkName(tx, u)
}
