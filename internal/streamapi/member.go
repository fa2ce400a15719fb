package streamapi

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const (
	defaultMembers = 100
	farthestMember = 1_000
)

func (s *Server) routeMembers() {
	s.mux.HandleFunc("GET /api/v2/chat/members", s.handle("QueryMembers", s.queryMembers))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}/member", s.handle("UpdateMemberPartial", s.updateMemberPartial))
	s.mux.HandleFunc("PATCH /api/v2/chat/channels/{type}/{id}/member/{user}", s.handle("UpdateMemberPartial", s.updateMemberPartial))
}

// members converts the members of a request to the engine's.
func (s *Server) members(ctx context.Context, requests []wire.MemberRequest) ([]chat.Member, error) {
	if len(requests) > membersAtOnce {
		return nil, wire.Invalid("a call adds at most %d members", membersAtOnce)
	}
	var list []chat.Member
	for _, r := range requests {
		m := chat.Member{Role: r.ChannelRole, Custom: r.Custom}
		m.User.ID = r.MemberID()
		if r.User != nil && r.User.ID != "" {
			if err := s.engine.EnsureUser(ctx, r.User.ID); err != nil {
				return nil, err
			}
		}
		list = append(list, m)
	}
	return list, nil
}

// membership returns a user's membership of a channel, nil if the user isn't a member.
func (s *Server) membership(c *call, cid chat.CID, user string) (*wire.MemberResponse, error) {
	if user == "" {
		return nil, nil
	}
	m, found, err := s.engine.Membership(c.Context(), cid, user)
	if err != nil || !found {
		return nil, err
	}
	return wire.MemberAnswer(m), nil
}

func (s *Server) searchMembers(c *call, cid chat.CID, q store.Search) ([]*wire.MemberResponse, error) {
	list, err := s.engine.SearchMembers(c.Context(), cid, q)
	members := make([]*wire.MemberResponse, len(list))
	for i, m := range list {
		members[i] = wire.MemberAnswer(m)
	}
	return members, err
}

// queryMembers lists members of a channel, which the request identifies by its id or by its
// members.
func (s *Server) queryMembers(c *call) (any, error) {
	var req struct {
		Type    chat.ChannelType     `json:"type"`
		ID      string               `json:"id"`
		Members []wire.MemberRequest `json:"members"`
		wire.QueryRequest
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
	q, err := req.Search(defaultMembers, membersPerAnswer, farthestMember)
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
		return nil, wire.Invalid("user_id must be provided when using server side auth.")
	}
	if _, err := s.engine.ChannelFor(c.Context(), cid, ""); err != nil {
		return nil, err
	}
	err = s.engine.PatchMembers(c.Context(), cid, []string{user}, func(m *chat.Member) error {
		return wire.PatchMember(m, wire.Patch{Set: req.Set, Unset: req.Unset}, s.engine.Now())
	})
	if err != nil {
		return nil, err
	}
	m, err := s.membership(c, cid, user)
	return map[string]any{"channel_member": m}, err
}
