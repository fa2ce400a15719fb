package streamapi

import (
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// memberRequest is a member in requests: an object with an id or a user.
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

const (
	defaultMembers = 100
	farthestMember = 1_000
)

func (s *Server) routeMembers() {
	s.mux.HandleFunc("GET /api/v2/chat/members", s.handle("QueryMembers", s.queryMembers))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}/member", s.handle("UpdateMemberPartial", s.updateMemberPartial))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}/member/{user}", s.handle("UpdateMemberPartial", s.updateMemberPartial))
}

// members turns members of a request into the engine's.
func (s *Server) members(c *call, requests []memberRequest) ([]chat.Member, error) {
	if len(requests) > membersAtOnce {
		return nil, invalid("a call adds at most %d members", membersAtOnce)
	}
	var list []chat.Member
	for _, r := range requests {
		m := chat.Member{Role: r.ChannelRole, Custom: r.Custom}
		m.User.ID = r.id()
		if r.User != nil && r.User.ID != "" {
			if err := s.engine.EnsureUser(c.Context(), r.User.ID); err != nil {
				return nil, err
			}
		}
		list = append(list, m)
	}
	return list, nil
}

// memberResponse is a member in answers.
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

func memberAnswer(m chat.Member) *memberResponse {
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

// membership is a user as a member of a channel, nil if it isn't one.
func (s *Server) membership(c *call, cid chat.CID, user string) (*memberResponse, error) {
	if user == "" {
		return nil, nil
	}
	m, found, err := s.engine.Membership(c.Context(), cid, user)
	if err != nil || !found {
		return nil, err
	}
	return memberAnswer(m), nil
}

func (s *Server) searchMembers(c *call, cid chat.CID, q store.Search) ([]*memberResponse, error) {
	list, err := s.engine.SearchMembers(c.Context(), cid, q)
	members := make([]*memberResponse, len(list))
	for i, m := range list {
		members[i] = memberAnswer(m)
	}
	return members, err
}

// queryMembers lists members of a channel, which the request names by its id or by its
// members.
func (s *Server) queryMembers(c *call) (any, error) {
	var req struct {
		Type    chat.ChannelType `json:"type"`
		ID      string           `json:"id"`
		Members []memberRequest  `json:"members"`
		queryRequest
	}
	if err := c.payload(&req); err != nil {
		return nil, err
	}
	cid := chat.CID{Type: req.Type, ID: req.ID}
	if req.ID == "" && len(req.Members) > 0 {
		cid = distinctCID(req.Type, req.Members)
	}
	if _, err := parseCID(cid.String()); err != nil {
		return nil, err
	}
	q, err := req.search(defaultMembers, membersPerAnswer, farthestMember)
	if err != nil {
		return nil, err
	}
	members, err := s.searchMembers(c, cid, q)
	return map[string]any{"members": members}, err
}

// updateMemberPartial sets and removes single fields of a member.
func (s *Server) updateMemberPartial(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req struct {
		Set   map[string]any `json:"set"`
		Unset []string       `json:"unset"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	user := c.PathValue("user")
	if user == "" {
		user = c.URL.Query().Get("user_id")
	}
	if user == "" {
		return nil, invalid("user_id must be provided when using server side auth.")
	}
	if _, err := s.engine.ChannelFor(c.Context(), cid, ""); err != nil {
		return nil, err
	}
	err = s.engine.ChangeMember(c.Context(), cid, user, func(m *chat.Member) error {
		return patchMember(m, patch{set: req.Set, unset: req.Unset}, s.engine.Now())
	})
	if err != nil {
		return nil, err
	}
	m, err := s.membership(c, cid, user)
	return map[string]any{"channel_member": m}, err
}

// reservedMember are fields of members that partial updates don't change.
var reservedMember = []string{"user", "user_id", "banned", "shadow_banned", "invited", "created_at", "updated_at", "pinned_at", "archived_at"}

func patchMember(m *chat.Member, p patch, now time.Time) error {
	for _, name := range reservedMember {
		_, set := p.set[name]
		if set || slices.Contains(p.unset, name) {
			return invalid("%q can't be changed by a partial update", name)
		}
	}
	pinned, archived := !m.PinnedAt.IsZero(), !m.ArchivedAt.IsZero()
	fields := map[string]any{"channel_role": &m.Role, "pinned": &pinned, "archived": &archived}
	if err := p.apply(fields, &m.Custom); err != nil {
		return err
	}
	if m.Role == "" {
		m.Role = chat.ChannelMember
	}
	m.PinnedAt, m.ArchivedAt = marked(m.PinnedAt, pinned, now), marked(m.ArchivedAt, archived, now)
	return nil
}

// marked returns since when something holds: since before, since now, or zero if it
// doesn't.
func marked(before time.Time, is bool, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}
