package streamapi

import (
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/wire"
)

// updateChannelPartial sets and removes single fields of a channel.
func (s *Server) updateChannelPartial(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	p, by, err := s.patchOf(c)
	if err != nil {
		return nil, err
	}
	err = s.engine.ChangeChannel(c.Context(), changeOf(by, cid, func(d *chat.Channel) error { return wire.PatchChannel(d, p) }))
	if err != nil {
		return nil, err
	}
	return s.channelAndMembers(c, cid)
}

// changeOf returns a change of a channel by a server, in the name of a user unless by is "".
func changeOf(by string, cid chat.CID, data func(d *chat.Channel) error) chat.ChannelChange {
	return chat.ChannelChange{Operation: chat.Operation{By: server(by)}, CID: cid, Data: data}
}

func (s *Server) channelAndMembers(c *call, cid chat.CID) (map[string]any, error) {
	detail, err := s.engine.ChannelFor(c.Context(), cid, "")
	if err != nil {
		return nil, err
	}
	states, err := s.states(c, []chat.Channel{detail}, stateWanted{members: membersPerAnswer})
	if err != nil {
		return nil, err
	}
	return map[string]any{"channel": states[0].Channel, "members": states[0].Members}, nil
}

type updateChannelRequest struct {
	Data             *wire.ChannelData    `json:"data"`
	AddMembers       []wire.MemberRequest `json:"add_members"`
	RemoveMembers    []string             `json:"remove_members"`
	Invites          []wire.MemberRequest `json:"invites"`
	AddModerators    []string             `json:"add_moderators"`
	DemoteModerators []string             `json:"demote_moderators"`
	AssignRoles      []wire.MemberRequest `json:"assign_roles"`
	AddFilterTags    []string             `json:"add_filter_tags"`
	RemoveFilterTags []string             `json:"remove_filter_tags"`
	AcceptInvite     bool                 `json:"accept_invite"`
	RejectInvite     bool                 `json:"reject_invite"`
	Cooldown         *int                 `json:"cooldown"`
	HideHistory      bool                 `json:"hide_history"`
	HideBefore       *time.Time           `json:"hide_history_before"`
	Message          *messageRequest      `json:"message"`
	UserID           string               `json:"user_id"`
	User             *wire.UserRequest    `json:"user"`
}

// updateChannel replaces a channel's data if the request contains some, and changes its members.
func (s *Server) updateChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req updateChannelRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	by, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	change, err := s.channelChange(c, cid, by, req)
	if err != nil {
		return nil, err
	}
	if err := s.engine.ChangeChannel(c.Context(), change); err != nil {
		return nil, err
	}
	answer, err := s.channelAndMembers(c, cid)
	if err != nil || change.Message == nil {
		return answer, err
	}
	return s.withMessage(c, answer, change.Message.ID)
}

func (s *Server) channelChange(c *call, cid chat.CID, by string, req updateChannelRequest) (change chat.ChannelChange, err error) {
	for _, list := range []int{len(req.AddMembers), len(req.RemoveMembers), len(req.Invites), len(req.AddModerators),
		len(req.DemoteModerators), len(req.AssignRoles)} {
		if list > membersAtOnce {
			return change, wire.Invalid("a call changes at most %d members", membersAtOnce)
		}
	}
	change = changeOf(by, cid, req.data())
	if change.Add, err = s.members(c.Context(), req.AddMembers); err != nil {
		return change, err
	}
	for _, id := range wire.Unique(req.AddModerators) {
		m := chat.Member{Role: chat.ChannelModerator}
		m.User.ID = id
		change.Add = append(change.Add, m)
	}
	if change.Invite, err = s.members(c.Context(), req.Invites); err != nil {
		return change, err
	}
	change.Roles, change.Remove = req.roles(), wire.Unique(req.RemoveMembers)
	switch {
	case (req.AcceptInvite || req.RejectInvite) && by == "":
		return change, wire.Invalid("either user or user_id must be provided when using server side auth.")
	case req.AcceptInvite && req.RejectInvite:
		return change, wire.Invalid("an invite can't be both accepted and rejected")
	case req.AcceptInvite:
		change.Accept = by
	case req.RejectInvite:
		change.Reject = by
	}
	switch {
	case req.HideBefore != nil && req.HideBefore.After(s.engine.Now()):
		return change, wire.Invalid("hide_history_before must be in the past")
	case req.HideBefore != nil:
		change.HideBefore = *req.HideBefore
	case req.HideHistory:
		change.HideBefore = s.engine.Now()
	}
	change.Message, err = s.systemMessage(c, cid, by, req.Message)
	return change, err
}

func (r updateChannelRequest) roles() map[string]string {
	roles := map[string]string{}
	for _, m := range r.AssignRoles {
		roles[m.MemberID()] = m.ChannelRole
	}
	for _, id := range r.AddModerators {
		roles[id] = chat.ChannelModerator
	}
	for _, id := range r.DemoteModerators {
		roles[id] = chat.ChannelMember
	}
	return roles
}

// data returns the change that a request makes to the channel's own data, nil for none.
func (r updateChannelRequest) data() func(d *chat.Channel) error {
	if r.Data == nil && r.Cooldown == nil && len(r.AddFilterTags)+len(r.RemoveFilterTags) == 0 {
		return nil
	}
	return func(d *chat.Channel) error {
		if r.Data != nil {
			tags, cooldown, overrides, team := d.FilterTags, d.Cooldown, d.ConfigOverrides, d.Team
			if err := r.Data.Fill(d); err != nil {
				return err
			}
			d.FilterTags, d.Cooldown = tags, cooldown // these have their own request fields
			if r.Data.ConfigOverrides == nil {
				d.ConfigOverrides = overrides
			}
			if r.Data.Team == "" {
				d.Team = team
			}
		}
		if r.Cooldown != nil {
			d.Cooldown = *r.Cooldown
		}
		d.FilterTags = slices.DeleteFunc(wire.Unique(append(slices.Clone(d.FilterTags), r.AddFilterTags...)),
			func(tag string) bool { return slices.Contains(r.RemoveFilterTags, tag) })
		return wire.CheckChannel(d)
	}
}

// truncateChannel removes a channel's messages.
func (s *Server) truncateChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	var req struct {
		HardDelete  bool              `json:"hard_delete"`
		TruncatedAt *time.Time        `json:"truncated_at"`
		MemberIDs   []string          `json:"member_ids"`
		Message     *messageRequest   `json:"message"`
		UserID      string            `json:"user_id"`
		User        *wire.UserRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.MemberIDs) > membersAtOnce {
		return nil, wire.Invalid("member_ids has at most %d ids", membersAtOnce)
	}
	by, err := s.user(c.Context(), req.UserID, req.User)
	if err != nil {
		return nil, err
	}
	t := chat.Truncation{Hard: req.HardDelete, Members: wire.Unique(req.MemberIDs), Before: optionalTime(req.TruncatedAt)}
	if t.Before.After(s.engine.Now()) {
		return nil, wire.Invalid("truncated_at must not be in the future")
	}
	if t.Message, err = s.systemMessage(c, cid, by, req.Message); err != nil {
		return nil, err
	}
	if err := s.engine.TruncateChannel(c.Context(), server(by), cid, t); err != nil {
		return nil, err
	}
	answer, err := s.channelAndMembers(c, cid)
	if err != nil || t.Message == nil {
		return answer, err
	}
	return s.withMessage(c, answer, t.Message.ID)
}

func (s *Server) deleteChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	detail, err := s.engine.ChannelFor(c.Context(), cid, "")
	if err != nil {
		return nil, err
	}
	if _, err := s.engine.DeleteChannelsAsTask(c.Context(), server(""), []chat.CID{cid}); err != nil {
		return nil, err
	}
	answer := wire.ChannelAnswer(detail, nil)
	deleted := wire.At(s.engine.Now())
	answer.DeletedAt = &deleted
	return map[string]any{"channel": answer}, nil
}

func (s *Server) deleteChannels(c *call) (any, error) {
	var req struct {
		CIDs []string `json:"cids"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if len(req.CIDs) == 0 || len(req.CIDs) > channelsAtOnce {
		return nil, wire.Invalid("cids must have 1 to %d cids", channelsAtOnce)
	}
	cids := make([]chat.CID, len(req.CIDs))
	for i, text := range req.CIDs {
		cid, err := parseCID(text)
		if err != nil {
			return nil, err
		}
		cids[i] = cid
	}
	task, err := s.engine.DeleteChannelsAsTask(c.Context(), server(""), cids)
	if err != nil {
		return nil, err
	}
	return map[string]any{"task_id": task}, nil
}
