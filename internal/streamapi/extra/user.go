package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// SearchUsers returns the users that match, except deleted ones. InvalidArguments: the filter or
// sort isn't supported.
func (e *Engine) SearchUsers(ctx context.Context, q store.UserSearch) ([]chat.User, error) {
	return e.store.SearchUsers(ctx, q, e.now())
}

// EnsureUser creates a chat user if there is none with that id. InvalidArguments: the user was
// deleted. Unauthorized: the user is deactivated.
func (e *Engine) EnsureUser(ctx context.Context, id string) error {
	known, err := e.UsersByID(ctx, []string{id})
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
