package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"backchannel/internal/fold"
)

// MaxUserIDLength is the longest user id, in characters.
const MaxUserIDLength = 255

// Role is what a user may do in the chat.
type Role string

// The roles of chat users, least first.
const (
	RoleUser      Role = "user"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// ParseRole reads a role by its stored name or its name in the API, in any case:
// "moderator" and "MODERATOR" alike.
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
	Name      string    `json:",omitzero"` // may be empty: a user made on first use may have none
	Role      Role      `json:",omitzero"`
	CreatedAt time.Time `json:",omitzero"`
	UpdatedAt time.Time `json:",omitzero"`

	DeactivatedAt time.Time      `json:",omitzero"` // zero while active
	DeletedAt     time.Time      `json:",omitzero"` // zero while there
	TokensAfter   time.Time      `json:",omitzero"` // tokens made before are revoked; zero for none
	Custom        map[string]any `json:",omitzero"` // the callers' own data
	UserExtra

	// What is in force in all channels, and the users whom the user blocked. Nil if not
	// asked for: messages and lists of members, which customers read, don't tell.
	Ban, Mute, Shadow *Restriction `json:",omitzero"`
	Blocked           []string     `json:",omitzero"` // ids
}

// Cursor marks the user's place in lists by name.
func (u User) Cursor() string { return encodeCursor(userCursor, fold.Key(u.Name), u.ID) }

// userIDMarks are the characters of user ids that aren't ASCII letters or digits. The ids
// of identity providers have them, and none separates ids in a cursor, a cid, a list or a
// path.
const userIDMarks = "_-@.+|:=~#!'*$&"

// CheckUserID says what is wrong with a user id, or nil.
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

// NotInUserIDs returns the first character of a text that can't be in a user id, ""
// if there is none.
func NotInUserIDs(text string) string {
	for _, r := range text {
		if !MadeOf(string(r), utf8.UTFMax, userIDMarks) {
			return string(r)
		}
	}
	return ""
}

// Gone reports whether a user may do nothing in the chat.
func (u User) Gone() bool { return !u.DeactivatedAt.IsZero() || !u.DeletedAt.IsZero() }

// UserExtra is data that no rule of ours needs. The JSON names are the database's.
type UserExtra struct {
	Image     string            `json:"image,omitempty"`
	Language  string            `json:"language,omitempty"`
	Invisible bool              `json:"invisible,omitempty"`
	Teams     []string          `json:"teams,omitempty"`
	TeamsRole map[string]string `json:"teams_role,omitempty"`
	Privacy   map[string]any    `json:"privacy_settings,omitempty"`
}
