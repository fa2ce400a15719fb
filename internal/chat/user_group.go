package chat

import "time"

// Limits on groups of users.
const (
	MaxUserGroups        = 10_000
	MaxUserGroupMembers  = 1_000
	MaxDescriptionLength = 1_000 // characters
	MaxUserGroupID       = 255   // characters
)

// UserGroup is a set of users that has a name.
type UserGroup struct {
	ID          string
	Name        string
	Description string
	Team        string // "" for none; it never changes
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Members     []UserGroupMember // the oldest first; nil where they weren't asked for
}

// UserGroupMember is a user in a group.
type UserGroupMember struct {
	GroupID   string
	UserID    string
	Admin     bool
	CreatedAt time.Time
}

// Check trims the name and says what is wrong with the group, or nil.
func (g *UserGroup) Check() error {
	g.Name = trim(g.Name)
	switch {
	case !madeOf(g.ID, MaxUserGroupID, "_-@.!"):
		return Invalid("id", "A group's id is 1 to %d characters of A-Z a-z 0-9 _ - @ ! and dots.", MaxUserGroupID)
	case g.Name == "" || longerThan(g.Name, MaxNameLength) || hasNUL(g.Name):
		return Invalid("name", "A group's name is 1 to %d characters long, without NUL.", MaxNameLength)
	case longerThan(g.Description, MaxDescriptionLength) || hasNUL(g.Description):
		return Invalid("description", "A group's description is at most %d characters long, without NUL.", MaxDescriptionLength)
	case longerThan(g.Team, MaxNameLength) || hasNUL(g.Team):
		return Invalid("team_id", "A team's id is at most %d characters long, without NUL.", MaxNameLength)
	}
	return nil
}

// UserGroupQuery asks for groups. Either they come by age, from behind CreatedAfter
// and IDAfter, or by name those whose name begins with Prefix, from behind NameAfter
// and IDAfter.
type UserGroupQuery struct {
	Team         string // "" for all
	Prefix       string // in any case; "" for a listing by age
	NameAfter    string
	IDAfter      string
	CreatedAfter time.Time
	Limit        int // at least 1
}
