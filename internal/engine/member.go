package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Members implements chat.Provider.
func (e *Engine) Members(ctx context.Context, q chat.MemberQuery) (chat.Page[chat.Member], error) {
	list, found, err := e.Store.Members(ctx, q, e.now())
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	return forward(list, q.Limit, q.After != ""), err
}

// ChangeMembers implements chat.Provider.
func (e *Engine) ChangeMembers(ctx context.Context, req chat.ChangeMembers) error {
	members := make([]chat.Member, len(req.Add))
	for i, id := range req.Add {
		members[i].User.ID = id
	}
	return e.ChangeChannel(ctx, chat.ChannelChange{Operation: req.Operation, CID: req.CID, Add: members, Remove: req.Remove})
}

// AddMembers adds members with their roles and data. Existing members are left as they are.
// InvalidArguments: one of them isn't a chat user.
func (e *Effects) AddMembers(tx *sqlstore.Tx, cid chat.CID, members []chat.Member) error {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.User.ID
	}
	unknown, err := UnknownUsers(tx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers("users", unknown)
	}
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := chat.CheckCustom(m.Custom); err != nil {
			return err
		}
		if m.Role == "" {
			continue
		}
		if err := e.checkRole(tx, "channel_role", m.Role); err != nil {
			return err
		}
	}
	for _, m := range members {
		if err := e.addMember(tx, cid, m); err != nil {
			return err
		}
	}
	return nil
}

func (e *Effects) addMember(tx *sqlstore.Tx, cid chat.CID, m chat.Member) error {
	if m.CID, m.AddedAt = cid, e.now(); m.Role == "" {
		m.Role = chat.ChannelMember
	}
	added, err := tx.AddMember(m)
	if err != nil || !added {
		return err
	}
	return e.Record(tx, sqlstore.Entry{Type: chat.MemberAdded, CID: cid, User: m.User.ID, At: m.AddedAt})
}

// RemoveMembers removes members. Non-members are ignored.
func (e *Effects) RemoveMembers(tx *sqlstore.Tx, cid chat.CID, ids ...string) error {
	for _, id := range ids {
		removed, err := tx.RemoveMember(cid, id)
		if err == nil && removed {
			err = e.Record(tx, sqlstore.Entry{Type: chat.MemberRemoved, CID: cid, User: id, At: e.now()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UpdateMember applies change to a member and stores the result, except for the read state.
// NotFound: the member.
func (e *Effects) UpdateMember(tx *sqlstore.Tx, cid chat.CID, user string, change func(m *chat.Member) error) error {
	m, found, err := tx.Member(cid, user, e.now())
	if err == nil && !found {
		err = NoMember(user)
	}
	if err != nil {
		return err
	}
	role := m.Role
	if err := change(&m); err != nil {
		return err
	}
	if err := chat.CheckCustom(m.Custom); err != nil {
		return err
	}
	if m.Role != role {
		if err := e.checkRole(tx, "channel_role", m.Role); err != nil {
			return err
		}
	}
	m.UpdatedAt = e.now()
	if err := tx.SetMember(m); err != nil {
		return err
	}
	return e.Record(tx, sqlstore.Entry{Type: chat.MemberUpdated, CID: cid, User: user, At: e.now()})
}

// NoMember returns the error for a user who isn't a member.
func NoMember(user string) error {
	return chat.Missing("user_id", "The user %q isn't a member of the channel.", user)
}

// changeMembers applies a change to members.
func (e *Effects) changeMembers(tx *sqlstore.Tx, c chat.ChannelChange) error {
	cid := c.CID
	invited := slices.Clone(c.Invite)
	for i := range invited {
		invited[i].Invited = true
	}
	if err := e.AddMembers(tx, cid, append(slices.Clone(c.Add), invited...)); err != nil {
		return err
	}
	if !c.HideBefore.IsZero() {
		ids := make([]string, len(c.Add))
		for i, m := range c.Add {
			ids[i] = m.User.ID
		}
		if err := e.HideHistory(tx, cid, ids, c.HideBefore); err != nil {
			return err
		}
	}
	for _, user := range slices.Sorted(maps.Keys(c.Roles)) {
		if err := e.UpdateMember(tx, cid, user, func(m *chat.Member) error {
			m.Role = c.Roles[user]
			return nil
		}); err != nil {
			return err
		}
	}
	if err := e.answerInvite(tx, cid, c); err != nil {
		return err
	}
	return e.RemoveMembers(tx, cid, c.Remove...)
}

func (e *Effects) answerInvite(tx *sqlstore.Tx, cid chat.CID, c chat.ChannelChange) error {
	user, now := c.Accept+c.Reject, e.now()
	if user == "" {
		return nil
	}
	return e.UpdateMember(tx, cid, user, func(m *chat.Member) error {
		switch {
		case !m.Invited:
			return chat.Invalid("user_id", "The user %q has no invitation to the channel.", user)
		case c.Reject != "":
			m.RejectedAt, m.AcceptedAt = now, time.Time{}
		default:
			m.AcceptedAt, m.RejectedAt = now, time.Time{}
		}
		return nil
	})
}
