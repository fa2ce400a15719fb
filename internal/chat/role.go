package chat

import (
	"slices"
	"time"
)

// MaxRoles is the maximum number of custom roles.
const MaxRoles = 25

// builtInRoles are the built-in roles of users and members.
var builtInRoles = []string{
	"admin", "anonymous", ChannelMember, ChannelModerator, "global_admin", "global_moderator", "guest", "moderator", "user",
}

// RoleInfo is a role as Stream's API shows it. Custom roles have no rights beyond those of other
// chat users.
type RoleInfo struct {
	Name      string
	Custom    bool     // it isn't built in
	Scopes    []string // the channel types that grant permissions to it, and ".app"
	CreatedAt time.Time
	UpdatedAt time.Time
}

// BuiltInRoles returns the names of the built-in roles.
func BuiltInRoles() []string { return slices.Clone(builtInRoles) }

// SetRole asks for a user's role to be set.
type SetRole struct {
	Operation Operation
	UserID    string
	Role      Role
}

// SetRoles asks for the role of users to be set.
type SetRoles struct {
	Operation Operation
	UserIDs   []string // without repeats
	Role      Role

	IfVersions []string // see [Operation], for each of UserIDs; nil for none
}

// Version returns the version that a user must have; nil for any.
func (r SetRoles) Version(i int) *string {
	if len(r.IfVersions) == 0 {
		return nil
	}
	return &r.IfVersions[i]
}

// RoleChange is a user whose role was set.
type RoleChange struct {
	User     User
	Previous Role
}
