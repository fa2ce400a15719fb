package chat

import (
	"slices"
	"strings"
	"time"
)

// Limits on the settings of the app.
const (
	MaxHooks      = 20
	MaxAppBytes   = 64 << 10  // all of them, as JSON
	MaxUploadSize = 100 << 20 // bytes; also what 0 means
)

// App has the settings of the whole app. The JSON names are those of the database and of
// Stream's API.
type App struct {
	UniqueNames string    `json:"enforce_unique_usernames"` // among the users: one of the Unique constants
	GuestsOff   bool      `json:"guest_user_creation_disabled"`
	TokensAfter time.Time `json:"revoke_tokens_issued_before,omitzero"` // tokens of users made before are revoked

	Files  UploadRules `json:"file_upload_config"`
	Images UploadRules `json:"image_upload_config"`

	// These are kept and shown.
	Hooks       []map[string]any    `json:"event_hooks"`
	Grants      map[string][]string `json:"grants"` // permissions by role, beyond channels
	FlagReasons []string            `json:"allowed_flag_reasons,omitempty"`
	Unsearched  []string            `json:"user_search_disallowed_roles"`
}

// To what extent names of users are unique.
const (
	UniqueNowhere = "no"
	UniqueInApp   = "app"
	UniqueInTeam  = "team"
)

// DefaultApp has the settings of an app that nobody has changed, except its grants.
func DefaultApp() App { return App{UniqueNames: UniqueNowhere} }

// Limit is how many bytes a file may have.
func (u UploadRules) Limit() int64 {
	if u.SizeLimit > 0 {
		return u.SizeLimit
	}
	return MaxUploadSize
}

// Check says why a file of an extension, such as ".txt", and a type isn't taken, or
// nil.
func (u UploadRules) Check(extension, mime string) *Error {
	has := func(list []string, what string) bool {
		return slices.ContainsFunc(list, func(s string) bool {
			return strings.EqualFold(strings.TrimPrefix(s, "."), strings.TrimPrefix(what, "."))
		})
	}
	switch {
	case len(u.AllowedExtensions) > 0 && !has(u.AllowedExtensions, extension) || has(u.BlockedExtensions, extension):
		return Invalid("file", "This app takes no files with the extension %q.", extension)
	case len(u.AllowedTypes) > 0 && !has(u.AllowedTypes, mime) || has(u.BlockedTypes, mime):
		return Invalid("file", "This app takes no files of the type %s.", mime)
	}
	return nil
}

// UploadRules are what files may be uploaded over Stream's API. An empty list of
// what is allowed allows all.
type UploadRules struct {
	SizeLimit         int64    `json:"size_limit"` // bytes; 0 for the most that there can be
	AllowedExtensions []string `json:"allowed_file_extensions"`
	BlockedExtensions []string `json:"blocked_file_extensions"`
	AllowedTypes      []string `json:"allowed_mime_types"`
	BlockedTypes      []string `json:"blocked_mime_types"`
}
