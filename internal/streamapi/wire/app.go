package wire

import (
	"backchannel/internal/chat"
)

// AppResponse is the app's settings in answers. Features that don't exist here are disabled.
type AppResponse struct {
	chat.App
	ID                  int              `json:"id"`
	Name                string           `json:"name"`
	Organization        string           `json:"organization"`
	PermissionVersion   string           `json:"permission_version"`
	Hooks               []map[string]any `json:"event_hooks"`
	HooksV2             bool             `json:"use_hook_v2"`
	TokensAfter         *Nanos           `json:"revoke_tokens_issued_before,omitempty"`
	Files               UploadResponse   `json:"file_upload_config"`
	Images              UploadResponse   `json:"image_upload_config"`
	ChannelTypes        any              `json:"channel_configs"`
	Policies            map[string]any   `json:"policies"`
	CallTypes           map[string]any   `json:"call_types"`
	Push                map[string]any   `json:"push_notifications"`
	WebhookURL          string           `json:"webhook_url"`
	WebhookEvents       []string         `json:"webhook_events"`
	Unsearched          []string         `json:"user_search_disallowed_roles"`
	AsyncEnrichment     bool             `json:"async_url_enrich_enabled"`
	AuthChecksOff       bool             `json:"disable_auth_checks"`
	PermissionChecksOff bool             `json:"disable_permissions_checks"`
	ImageModeration     bool             `json:"image_moderation_enabled"`
	Moderation          bool             `json:"moderation_enabled"`
	MultiTenant         bool             `json:"multi_tenant_enabled"`
	Translation         bool             `json:"auto_translation_enabled"`
	Suspended           bool             `json:"suspended"`
}

// UploadResponse is [chat.UploadRules] with lists that are never null.
type UploadResponse struct {
	SizeLimit         int64    `json:"size_limit"`
	AllowedExtensions []string `json:"allowed_file_extensions"`
	BlockedExtensions []string `json:"blocked_file_extensions"`
	AllowedTypes      []string `json:"allowed_mime_types"`
	BlockedTypes      []string `json:"blocked_mime_types"`
}

// UploadAnswer returns rules with lists that are never null.
func UploadAnswer(u chat.UploadRules) UploadResponse {
	return UploadResponse{
		SizeLimit: u.SizeLimit, AllowedExtensions: Listed(u.AllowedExtensions), BlockedExtensions: Listed(u.BlockedExtensions),
		AllowedTypes: Listed(u.AllowedTypes), BlockedTypes: Listed(u.BlockedTypes),
	}
}
