package engine

import (
	"errors"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// What a chat user may do, by role. Everybody may send to a channel that isn't
// frozen and delete what they sent themselves; the rest is for the roles below.
// The back office may do everything. docs/api.md has this as a table.
var (
	mayPostFrozen    = []chat.Role{chat.RoleModerator, chat.RoleAdmin}
	mayFreeze        = []chat.Role{chat.RoleModerator, chat.RoleAdmin}
	mayDeleteAnybody = []chat.Role{chat.RoleModerator, chat.RoleAdmin}
)

var (
	errRole   = errors.New("the user's chat role does not allow it")
	errFrozen = errors.New("the channel is frozen")
)

// may reports whether the actor holds one of the roles now. The role is read in
// the transaction that acts on it: a change takes effect on the next action.
func may(tx *sqlstore.Tx, by chat.Actor, roles []chat.Role) (bool, error) {
	if by.BackOffice {
		return true, nil
	}
	role, err := tx.Role(by.ID)
	if err != nil {
		return false, err
	}
	return slices.Contains(roles, role), nil
}
