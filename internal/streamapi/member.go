package streamapi

import "backchannel/internal/chat"

// memberRequest is a member as requests have it: an object, by id or by user.
type memberRequest struct {
	UserID      string         `json:"user_id"`
	User        *userRequest   `json:"user"`
	ChannelRole string         `json:"channel_role"`
	Custom      map[string]any `json:"custom"`
}

func (r memberRequest) id() string {
	if r.UserID == "" && r.User != nil {
		return r.User.ID
	}
	return r.UserID
}

// memberDetails are members as the engine takes them, those invited among them.
func memberDetails(members, invited []memberRequest) []chat.MemberDetail {
	var list []chat.MemberDetail
	for i, r := range append(members[:len(members):len(members)], invited...) {
		m := chat.MemberDetail{Role: r.ChannelRole, Custom: r.Custom}
		m.User.ID = r.id()
		m.Invited = i >= len(members)
		list = append(list, m)
	}
	return list
}

// memberResponse is a member as answers have it.
type memberResponse struct {
	UserID             string         `json:"user_id"`
	User               *userResponse  `json:"user"`
	ChannelRole        string         `json:"channel_role"`
	Role               string         `json:"role"`
	IsModerator        *bool          `json:"is_moderator,omitempty"`
	Banned             bool           `json:"banned"`
	BanExpires         *nanos         `json:"ban_expires,omitempty"`
	ShadowBanned       bool           `json:"shadow_banned"`
	NotificationsMuted bool           `json:"notifications_muted"`
	Invited            *bool          `json:"invited,omitempty"`
	InviteAcceptedAt   *nanos         `json:"invite_accepted_at,omitempty"`
	InviteRejectedAt   *nanos         `json:"invite_rejected_at,omitempty"`
	PinnedAt           *nanos         `json:"pinned_at,omitempty"`
	ArchivedAt         *nanos         `json:"archived_at,omitempty"`
	CreatedAt          nanos          `json:"created_at"`
	UpdatedAt          nanos          `json:"updated_at"`
	Custom             map[string]any `json:"custom"`
}

func memberAnswer(m chat.MemberDetail) *memberResponse {
	answer := &memberResponse{
		UserID: m.User.ID, User: userAnswer(m.User), ChannelRole: m.Role, Role: "member", Banned: m.Banned,
		BanExpires: maybe(m.BannedUntil), InviteAcceptedAt: maybe(m.AcceptedAt), InviteRejectedAt: maybe(m.RejectedAt),
		PinnedAt: maybe(m.PinnedAt), ArchivedAt: maybe(m.ArchivedAt), CreatedAt: at(m.AddedAt), UpdatedAt: at(m.AddedAt),
		Custom: object(m.Custom),
	}
	if m.Role == chat.ChannelModerator {
		yes := true
		answer.IsModerator, answer.Role = &yes, "moderator"
	}
	if m.Invited {
		answer.Invited = &m.Invited
	}
	if !m.UpdatedAt.IsZero() {
		answer.UpdatedAt = at(m.UpdatedAt)
	}
	return answer
}
