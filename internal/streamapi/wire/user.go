package wire

import (
	"cmp"
	"maps"

	"backchannel/internal/chat"
)

// UserRequest is a user in requests.
type UserRequest struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Image     string            `json:"image"`
	Language  string            `json:"language"`
	Role      string            `json:"role"`
	Invisible bool              `json:"invisible"`
	Teams     []string          `json:"teams"`
	TeamsRole map[string]string `json:"teams_role"`
	Privacy   map[string]any    `json:"privacy_settings"`
	Custom    map[string]any    `json:"custom"`
	CreatedAt GivenTime         `json:"created_at"`
}

// User converts the request to the engine's type.
func (r UserRequest) User() chat.User {
	return chat.User{
		ID: r.ID, Name: r.Name, Role: chat.Role(r.Role),
		UserExtra: chat.UserExtra{
			Image: r.Image, Language: r.Language, Invisible: r.Invisible, Teams: r.Teams, TeamsRole: r.TeamsRole, Privacy: r.Privacy,
		},
		Custom: r.Custom,
	}
}

// UserResponse is a user in answers.
type UserResponse struct {
	ID             string            `json:"id"`
	Name           *string           `json:"name,omitempty"`
	Image          *string           `json:"image,omitempty"`
	Language       string            `json:"language"`
	Role           chat.Role         `json:"role"`
	Teams          []string          `json:"teams"`
	TeamsRole      map[string]string `json:"teams_role,omitempty"`
	Privacy        map[string]any    `json:"privacy_settings,omitempty"`
	Invisible      bool              `json:"invisible"`
	Online         bool              `json:"online"`
	Banned         bool              `json:"banned"`
	ShadowBanned   bool              `json:"shadow_banned"`
	BanExpires     *Nanos            `json:"ban_expires,omitempty"`
	BlockedUserIDs []string          `json:"blocked_user_ids"`
	CreatedAt      Nanos             `json:"created_at"`
	UpdatedAt      Nanos             `json:"updated_at"`
	DeactivatedAt  *Nanos            `json:"deactivated_at,omitempty"`
	DeletedAt      *Nanos            `json:"deleted_at,omitempty"`
	TokensAfter    *Nanos            `json:"revoke_tokens_issued_before,omitempty"`
	Custom         map[string]any    `json:"custom"`
}

// UserAnswer returns a user in the form of answers.
func UserAnswer(u chat.User) *UserResponse {
	answer := &UserResponse{
		ID: u.ID, Name: MaybeText(u.Name), Image: MaybeText(u.Image), Language: u.Language, Role: u.Role,
		Teams: Listed(u.Teams), TeamsRole: u.TeamsRole, Privacy: u.Privacy, Invisible: u.Invisible,
		Banned: u.Ban != nil, ShadowBanned: u.Shadow != nil, BlockedUserIDs: Listed(u.Blocked),
		CreatedAt: At(u.CreatedAt), UpdatedAt: At(u.UpdatedAt), DeactivatedAt: Maybe(u.DeactivatedAt),
		DeletedAt: Maybe(u.DeletedAt), TokensAfter: Maybe(u.TokensAfter), Custom: Object(u.Custom),
	}
	if ban := cmp.Or(u.Ban, u.Shadow); ban != nil {
		answer.BanExpires = Maybe(ban.Until)
	}
	return answer
}

// Deleted returns the error for a user that was deleted.
func Deleted(id string) error { return Invalid("the user %q was deleted; restore it first", id) }

// PatchUser applies a partial update to a user. Unknown fields are custom fields.
func PatchUser(u *chat.User, p Patch) error {
	fields := map[string]any{
		"name": &u.Name, "role": &u.Role, "image": &u.Image, "language": &u.Language, "invisible": &u.Invisible,
		"teams": &u.Teams, "teams_role": &u.TeamsRole, "privacy_settings": &u.Privacy,
		"revoke_tokens_issued_before": &u.TokensAfter,
	}
	if !u.DeletedAt.IsZero() {
		return Deleted(u.ID)
	}
	if given, ok := p.Set["privacy_settings"].(map[string]any); ok { // omitted fields don't change
		privacy := copied(u.Privacy)
		maps.Copy(privacy, given)
		p.Set = copied(p.Set)
		p.Set["privacy_settings"] = privacy
	}
	return p.Apply(fields, &u.Custom)
}

// FullUser is a user with its settings, in answers.
type FullUser struct {
	*UserResponse
	Mutes          []*MuteResponse `json:"mutes"`
	Devices        []any           `json:"devices"` // always empty
	ChannelMutes   []any           `json:"channel_mutes"`
	TotalUnread    int64           `json:"total_unread_count"`
	UnreadCount    int64           `json:"unread_count"`
	UnreadChannels int             `json:"unread_channels"`
	UnreadThreads  int             `json:"unread_threads"`
}

// UserExport is everything about a user, in answers.
type UserExport struct {
	User      *UserResponse       `json:"user"`
	Messages  []*MessageResponse  `json:"messages"`
	Reactions []*ReactionResponse `json:"reactions"`
}
