package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"backchannel/internal/fold"
)

// MaxUserIDLength is the maximum length of a user id, in characters.
const MaxUserIDLength = 255

// Role decides what a user may do in the chat.
type Role string

// The roles of chat users, in ascending order of rights.
const (
	RoleUser      Role = "user"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// ParseRole parses a role by its stored name or its name in the API, ignoring case: "moderator" or
// "MODERATOR".
func ParseRole(s string) (Role, *Error) {
	switch role := Role(strings.ToLower(s)); role {
	case RoleUser, RoleModerator, RoleAdmin:
		return role, nil
	}
	return "", Invalid("", "A role is USER, ADMIN or MODERATOR.").Because(BadRole)
}

// User is a chat user.
type User struct {
	ID        string    `json:",omitzero"`
	Name      string    `json:",omitzero"` // may be empty: a user created implicitly may have no name
	Role      Role      `json:",omitzero"`
	CreatedAt time.Time `json:",omitzero"`
	UpdatedAt time.Time `json:",omitzero"`

	DeactivatedAt time.Time      `json:",omitzero"` // zero if active
	DeletedAt     time.Time      `json:",omitzero"` // zero if not deleted
	TokensAfter   time.Time      `json:",omitzero"` // tokens issued earlier are revoked; zero for none
	Custom        map[string]any `json:",omitzero"` // custom data
	UserExtra

	// Restrictions in all channels, and the ids of blocked users. They are nil unless requested:
	// messages and lists of members, which customers read, don't show them.
	Ban, Mute, Shadow *Restriction `json:",omitzero"`
	Blocked           []string     `json:",omitzero"` // ids
}

// Cursor marks the user's place in lists by name.
func (u User) Cursor() string { return encodeCursor(userCursor, fold.Key(u.Name), u.ID) }

// userIDMarks are the characters of user ids that aren't ASCII letters or digits. Identity
// providers use them, and none is a separator in a cursor, cid, list or path.
const userIDMarks = "_-@.+|:=~#!'*$&"

// CheckUserID returns an error if a user id isn't valid.
func CheckUserID(id string) *Error {
	if MadeOf(id, MaxUserIDLength, userIDMarks) {
		return nil
	}
	reason := BadUserID
	if id == "" {
		reason = NoUserID
	} else if LongerThan(id, MaxUserIDLength) {
		reason = UserIDTooLong
	}
	return Invalid("", "A user id is 1 to 255 characters of A-Z a-z 0-9 and %s.", strings.Join(strings.Split(userIDMarks, ""), " ")).Because(reason)
}

// NotInUserIDs returns the first character of a text that user ids can't contain, "" if there is
// none.
func NotInUserIDs(text string) string {
	for _, r := range text {
		if !MadeOf(string(r), utf8.UTFMax, userIDMarks) {
			return string(r)
		}
	}
	return ""
}

// Gone reports whether a user is deactivated or deleted and may do nothing in the chat.
func (u User) Gone() bool { return !u.DeactivatedAt.IsZero() || !u.DeletedAt.IsZero() }

// UserExtra is data that none of our rules use. The JSON names are the database's.
type UserExtra struct {
	Image     string            `json:"image,omitempty"`
	Language  string            `json:"language,omitempty"`
	Invisible bool              `json:"invisible,omitempty"`
	Teams     []string          `json:"teams,omitempty"`
	TeamsRole map[string]string `json:"teams_role,omitempty"`
	Privacy   map[string]any    `json:"privacy_settings,omitempty"`
}
