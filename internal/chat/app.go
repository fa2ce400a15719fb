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
	MaxUploadSize = 100 << 20 // bytes; 0 means this too
)

// App has the settings of the whole app. The JSON names are those of the database and of
// Stream's API.
type App struct {
	UniqueNames string    `json:"enforce_unique_usernames"` // among users: one of the Unique constants
	GuestsOff   bool      `json:"guest_user_creation_disabled"`
	TokensAfter time.Time `json:"revoke_tokens_issued_before,omitzero"` // users' tokens issued earlier are revoked

	Files  UploadRules `json:"file_upload_config"`
	Images UploadRules `json:"image_upload_config"`

	// These are stored and shown, but have no effect.
	Hooks       []map[string]any    `json:"event_hooks"`
	Grants      map[string][]string `json:"grants"` // permissions by role that are granted for the app
	FlagReasons []string            `json:"allowed_flag_reasons,omitempty"`
	Unsearched  []string            `json:"user_search_disallowed_roles"`
}

// How far users' names must be unique.
const (
	UniqueNowhere = "no"
	UniqueInApp   = "app"
	UniqueInTeam  = "team"
)

// DefaultApp returns the settings of an app that nobody has changed, except its grants.
func DefaultApp() App { return App{UniqueNames: UniqueNowhere} }

// Limit returns the maximum size of a file, in bytes.
func (u UploadRules) Limit() int64 {
	if u.SizeLimit > 0 {
		return u.SizeLimit
	}
	return MaxUploadSize
}

// Check returns an error if files with an extension, such as ".txt", and a type are refused.
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

// UploadRules are the rules for files uploaded through Stream's API. An empty list of allowed
// values allows all.
type UploadRules struct {
	SizeLimit         int64    `json:"size_limit"` // bytes; 0 for the maximum
	AllowedExtensions []string `json:"allowed_file_extensions"`
	BlockedExtensions []string `json:"blocked_file_extensions"`
	AllowedTypes      []string `json:"allowed_mime_types"`
	BlockedTypes      []string `json:"blocked_mime_types"`
}
