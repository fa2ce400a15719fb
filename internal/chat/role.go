package chat

import (
	"slices"
	"time"
)

// MaxRoles is how many roles of one's own there may be.
const MaxRoles = 25

// builtInRoles are the roles that are always there, of users and of members.
var builtInRoles = []string{
	"admin", "anonymous", ChannelMember, ChannelModerator, "global_admin", "global_moderator", "guest", "moderator", "user",
}

// RoleInfo is a role as Stream's API shows it. What one's own roles may do is not
// this program's, beyond what every chat user may.
type RoleInfo struct {
	Name      string
	Custom    bool     // one's own
	Scopes    []string // where permissions are granted to it: channel types, and ".app"
	CreatedAt time.Time
	UpdatedAt time.Time
}

// BuiltInRoles are the names of the roles that are always there.
func BuiltInRoles() []string { return slices.Clone(builtInRoles) }

// CheckRoleName says what is wrong with the name of a role, or nil.
func CheckRoleName(name string) *Error {
	if !madeOf(name, MaxTypeNameLength, "_-") {
		return Invalid("name", "The name of a role is 1 to %d characters of A-Z a-z 0-9 _ -.", MaxTypeNameLength)
	}
	return nil
}

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
}

// RoleChange is a user whose role was set.
type RoleChange struct {
	User     User
	Previous Role
}
