package desk

import (
	"context"

	"backchannel/internal/chat"
)

// MaxUsersAtOnce is the maximum number of users in one change.
const MaxUsersAtOnce = 1_000

// ListUsers asks for a page of chat users.
type ListUsers struct {
	Request
	First  *int    // nil means DefaultPage
	After  *string // cursor
	Search string
	IDs    []string // only these, at most MaxPage; nil for all
}

// ListUsers returns a page of chat users by name.
func (d *Desk) ListUsers(ctx context.Context, in ListUsers) (page chat.Page[chat.User], err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.UserQuery{Search: in.Search, IDs: in.IDs}
	if len(in.IDs) > MaxPage {
		return page, chat.Invalid("ids", "Ask for at most %d users.", MaxPage)
	}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseUserCursor); err != nil {
		return page, err
	}
	if err := checkSearch(in.Search); err != nil {
		return page, err
	}
	return d.provider.Users(ctx, q)
}

// MaxCounted is the largest number of users that [Desk.CountUsers] counts.
const MaxCounted = 10_000

// CountUsers returns how many chat users match a search, nil if they are more than [MaxCounted].
func (d *Desk) CountUsers(ctx context.Context, r Request, search string) (*int, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	if err := checkSearch(search); err != nil {
		return nil, err
	}
	n, err := d.provider.CountUsers(ctx, search, MaxCounted+1)
	if err != nil || n > MaxCounted {
		return nil, err
	}
	return &n, nil
}

// UpsertUsers asks for chat users to be created or updated.
type UpsertUsers struct {
	Request `json:"-"`
	Users   []chat.UserChange
}

// UpsertUsers creates or updates chat users, all or none, and returns them.
func (d *Desk) UpsertUsers(ctx context.Context, in UpsertUsers) ([]chat.User, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "upsertChatUsers", in)
	if err != nil {
		return nil, err
	}
	users, err := CheckUsers("users", in.Users)
	if err != nil {
		return nil, err
	}
	return d.provider.UpsertUsers(ctx, chat.UpsertUsers{Operation: op, Users: users})
}

// CheckUsers validates users that are to be stored and returns them with normalized names. Its
// error names the field and the row.
func CheckUsers(field string, given []chat.UserChange) ([]chat.UserChange, error) {
	if n := len(given); n == 0 || n > MaxUsersAtOnce {
		return nil, chat.Invalid(field, "Give 1 to %d users.", MaxUsersAtOnce)
	}
	seen := make(map[string]bool, len(given))
	users := make([]chat.UserChange, len(given))
	for i, u := range given {
		if err := chat.CheckUserID(u.ID); err != nil {
			return nil, inField(index(field, i)+".id", err)
		}
		if seen[u.ID] {
			return nil, chat.Invalid(index(field, i)+".id", "The user %s is given twice.", u.ID)
		}
		seen[u.ID] = true
		name, err := chat.CleanName(u.Name)
		if err != nil {
			return nil, inField(index(field, i)+".name", err)
		}
		users[i] = u
		users[i].Name = name
	}
	return users, nil
}

// SetRole is the input of the documented operation.
type SetRole struct {
	Request `json:"-"`
	UserID  string
	Role    chat.Role
}

// SetRole gives a chat user a role.
func (d *Desk) SetRole(ctx context.Context, in SetRole) error {
	if err := d.authorise(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "setRoleToUsersOnChat", in)
	if err != nil {
		return err
	}
	if bad := chat.CheckUserID(in.UserID); bad != nil {
		return inField("userId", bad)
	}
	return d.provider.SetRole(ctx, chat.SetRole{Operation: op, UserID: in.UserID, Role: in.Role})
}

// SetRoles asks for the role of chat users to be set.
type SetRoles struct {
	Request `json:"-"`
	UserIDs []string
	Role    chat.Role

	IfVersions []string `json:",omitempty"` // see [chat.Operation], for each of UserIDs; nil for none
}

// SetRoles sets the role of chat users, all or none, and returns them with their previous roles.
func (d *Desk) SetRoles(ctx context.Context, in SetRoles) ([]chat.RoleChange, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "setRoles", in)
	if err != nil {
		return nil, err
	}
	if n := len(in.UserIDs); n == 0 || n > MaxUsersAtOnce {
		return nil, chat.Invalid("userIds", "Give 1 to %d users.", MaxUsersAtOnce)
	}
	if n := len(in.IfVersions); n != 0 && n != len(in.UserIDs) {
		return nil, chat.Invalid("ifVersions", "Give one version for each of userIds, or none.")
	}
	seen := make(map[string]bool, len(in.UserIDs))
	for i, id := range in.UserIDs {
		if bad := chat.CheckUserID(id); bad != nil {
			return nil, inField(index("userIds", i), bad)
		}
		if seen[id] {
			return nil, chat.Invalid(index("userIds", i), "The user %s is given twice.", id)
		}
		seen[id] = true
	}
	return d.provider.SetRoles(ctx, chat.SetRoles{Operation: op, UserIDs: in.UserIDs, Role: in.Role, IfVersions: in.IfVersions})
}
