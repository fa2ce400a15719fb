package wire

import (
	"slices"
	"time"

	"backchannel/internal/chat"
)

// MemberRequest is a member in requests: an object with an id or a user.
type MemberRequest struct {
	UserID      string         `json:"user_id"`
	User        *UserRequest   `json:"user"`
	ChannelRole string         `json:"channel_role"`
	Custom      map[string]any `json:"custom"`
}

// MemberID returns the id of the member's user, in whichever field it is.
func (r MemberRequest) MemberID() string {
	if r.UserID == "" && r.User != nil {
		return r.User.ID
	}
	return r.UserID
}

// MemberResponse is a member in answers.
type MemberResponse struct {
	UserID             string         `json:"user_id"`
	User               *UserResponse  `json:"user"`
	ChannelRole        string         `json:"channel_role"`
	Role               string         `json:"role"`
	IsModerator        *bool          `json:"is_moderator,omitempty"`
	Banned             bool           `json:"banned"`
	BanExpires         *Nanos         `json:"ban_expires,omitempty"`
	ShadowBanned       bool           `json:"shadow_banned"`
	NotificationsMuted bool           `json:"notifications_muted"`
	Invited            *bool          `json:"invited,omitempty"`
	InviteAcceptedAt   *Nanos         `json:"invite_accepted_at,omitempty"`
	InviteRejectedAt   *Nanos         `json:"invite_rejected_at,omitempty"`
	PinnedAt           *Nanos         `json:"pinned_at,omitempty"`
	ArchivedAt         *Nanos         `json:"archived_at,omitempty"`
	CreatedAt          Nanos          `json:"created_at"`
	UpdatedAt          Nanos          `json:"updated_at"`
	Custom             map[string]any `json:"custom"`
}

// MemberAnswer returns a member in the form of answers.
func MemberAnswer(m chat.Member) *MemberResponse {
	answer := &MemberResponse{
		UserID: m.User.ID, User: UserAnswer(m.User), ChannelRole: m.Role, Role: "member", Banned: m.Banned,
		BanExpires: Maybe(m.BannedUntil), InviteAcceptedAt: Maybe(m.AcceptedAt), InviteRejectedAt: Maybe(m.RejectedAt),
		PinnedAt: Maybe(m.PinnedAt), ArchivedAt: Maybe(m.ArchivedAt), CreatedAt: At(m.AddedAt), UpdatedAt: At(m.AddedAt),
		Custom: Object(m.Custom),
	}
	if m.Role == chat.ChannelModerator {
		yes := true
		answer.IsModerator, answer.Role = &yes, "moderator"
	}
	if m.Invited {
		answer.Invited = &m.Invited
	}
	if !m.UpdatedAt.IsZero() {
		answer.UpdatedAt = At(m.UpdatedAt)
	}
	return answer
}

// reservedMember are fields of members that partial updates can't change.
var reservedMember = []string{"user", "user_id", "banned", "shadow_banned", "invited", "created_at", "updated_at", "pinned_at", "archived_at"}

// PatchMember applies a partial update to a member.
func PatchMember(m *chat.Member, p Patch, now time.Time) error {
	for _, name := range reservedMember {
		_, set := p.Set[name]
		if set || slices.Contains(p.Unset, name) {
			return Invalid("%q can't be changed by a partial update", name)
		}
	}
	pinned, archived := !m.PinnedAt.IsZero(), !m.ArchivedAt.IsZero()
	fields := map[string]any{"channel_role": &m.Role, "pinned": &pinned, "archived": &archived}
	if err := p.Apply(fields, &m.Custom); err != nil {
		return err
	}
	if m.Role == "" {
		m.Role = chat.ChannelMember
	}
	m.PinnedAt, m.ArchivedAt = marked(m.PinnedAt, pinned, now), marked(m.ArchivedAt, archived, now)
	return nil
}

// marked returns the time since which a mark is set: before if it was set already, now if it is
// new, zero if it isn't set.
func marked(before time.Time, is bool, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}
