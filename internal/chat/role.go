package chat

import (
	"slices"
	"time"
)

// MaxRoles is how many custom roles there may be.
const MaxRoles = 25

// builtInRoles are the roles of users and members that always exist.
var builtInRoles = []string{
	"admin", "anonymous", ChannelMember, ChannelModerator, "global_admin", "global_moderator", "guest", "moderator", "user",
}

// RoleInfo is a role as Stream's API shows it. Custom roles give no right that other chat
// users lack.
type RoleInfo struct {
	Name      string
	Custom    bool     // one's own
	Scopes    []string // the channel types that grant permissions to it, and ".app"
	CreatedAt time.Time
	UpdatedAt time.Time
}

// BuiltInRoles are the names of the roles that always exist.
func BuiltInRoles() []string { return slices.Clone(builtInRoles) }

// SetRole asks for a user to have a role.
type SetRole struct {
	Operation Operation
	UserID    string
	Role      Role
}

// SetRoles asks for users to have a role.
type SetRoles struct {
	Operation Operation
	UserIDs   []string // each once
	Role      Role

	IfVersions []string // see [Operation], for each of UserIDs; nil for none
}

// Version is the version that a user must have; nil for any.
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
