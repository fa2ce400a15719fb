package engine

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// MembersOf returns the first so many members of each of those channels.
func (e *Engine) MembersOf(ctx context.Context, cids []chat.CID, each int) (map[chat.CID][]chat.MemberDetail, error) {
	return e.store.MembersOf(ctx, cids, each, e.now())
}

// addMembers makes users members, each with its role and data. Who is one already
// keeps what it has. InvalidArguments: one of them isn't a chat user.
func (e *Engine) addMembers(tx *sqlstore.Tx, cid chat.CID, members []chat.MemberDetail) error {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.User.ID
	}
	unknown, err := unknownUsers(tx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers("members", unknown)
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

func (e *Engine) addMember(tx *sqlstore.Tx, cid chat.CID, m chat.MemberDetail) error {
	added, err := tx.AddMember(cid, m.User.ID, e.now())
	if err != nil || !added {
		return err
	}
	m.CID = cid
	if m.Role == "" {
		m.Role = chat.ChannelMember
	}
	if err := tx.SetMemberDetail(m); err != nil {
		return err
	}
	return e.record(tx, sqlstore.Entry{Type: chat.MemberAdded, CID: cid, User: m.User.ID, At: e.now()})
}

// SearchMembers returns those of a channel's members that match; NotFound: the
// channel. InvalidArguments: the filter or sort asks what can't be asked.
func (e *Engine) SearchMembers(ctx context.Context, cid chat.CID, q chat.Listing) ([]chat.MemberDetail, error) {
	if _, err := e.Channel(ctx, cid); err != nil {
		return nil, err
	}
	return e.store.SearchMembers(ctx, cid, q, e.now())
}

// Membership returns one member of a channel, and whether there is one.
func (e *Engine) Membership(ctx context.Context, cid chat.CID, user string) (chat.MemberDetail, bool, error) {
	return e.store.Membership(ctx, cid, user, e.now())
}

// ReadStates returns how far each of those members has read.
func (e *Engine) ReadStates(ctx context.Context, members map[chat.CID][]chat.MemberDetail) (map[chat.CID]map[string]chat.ReadState, error) {
	return e.store.ReadStates(ctx, members)
}

// ChangeMember has change work on what is known of a member, and stores the
// outcome, but for how far it has read. NotFound: the channel, or the member.
func (e *Engine) ChangeMember(ctx context.Context, cid chat.CID, user string, change func(m *chat.MemberDetail) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error { return e.changeMember(tx, cid, user, change) })
}

func (e *Engine) changeMember(tx *sqlstore.Tx, cid chat.CID, user string, change func(m *chat.MemberDetail) error) error {
	m, found, err := tx.MemberDetail(cid, user, e.now())
	if err == nil && !found {
		err = noMember(user)
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
	if err := tx.SetMemberDetail(m); err != nil {
		return err
	}
	return e.record(tx, sqlstore.Entry{Type: chat.MemberUpdated, CID: cid, User: user, At: e.now()})
}

func noMember(user string) error {
	return chat.Missing("user_id", "The user %q is no member of the channel.", user)
}

func (e *Engine) needMember(tx *sqlstore.Tx, cid chat.CID, user string) error {
	exists, err := tx.HasChannel(cid)
	if err == nil && !exists {
		err = noChannel("cid")
	}
	if err != nil {
		return err
	}
	_, found, err := tx.MemberDetail(cid, user, e.now())
	if err == nil && !found {
		err = chat.Invalid("user_id", "The user %q is no member of the channel.", user)
	}
	return err
}

// changeMembers does what a change does to members.
func (e *Engine) changeMembers(tx *sqlstore.Tx, cid chat.CID, c chat.ChannelChange) error {
	invited := slices.Clone(c.Invite)
	for i := range invited {
		invited[i].Invited = true
	}
	if err := e.addMembers(tx, cid, append(slices.Clone(c.Add), invited...)); err != nil {
		return err
	}
	if !c.HideBefore.IsZero() {
		ids := make([]string, len(c.Add))
		for i, m := range c.Add {
			ids[i] = m.User.ID
		}
		if err := e.hideHistory(tx, cid, ids, c.HideBefore); err != nil {
			return err
		}
	}
	for _, user := range slices.Sorted(maps.Keys(c.Roles)) {
		if err := e.changeMember(tx, cid, user, func(m *chat.MemberDetail) error {
			m.Role = c.Roles[user]
			return nil
		}); err != nil {
			return err
		}
	}
	if err := e.answerInvite(tx, cid, c); err != nil {
		return err
	}
	return e.removeMembers(tx, chat.ChangeMembers{CID: cid, Remove: c.Remove})
}

func (e *Engine) answerInvite(tx *sqlstore.Tx, cid chat.CID, c chat.ChannelChange) error {
	user, now := c.Accept+c.Reject, e.now()
	if user == "" {
		return nil
	}
	return e.changeMember(tx, cid, user, func(m *chat.MemberDetail) error {
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

// MarkReadFor notes that a member has read up to a message, or all there is, in one
// channel or, where cid is zero, in all of its channels. Of who is no member nothing is
// noted. NotFound: the channel, the message.
func (e *Engine) MarkReadFor(ctx context.Context, user string, upTo map[chat.CID]string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if upTo == nil {
			cids, err := tx.UnreadChannels(user)
			if err != nil {
				return err
			}
			return e.markRead(tx, user, cids, nil)
		}
		cids := slices.Collect(maps.Keys(upTo))
		for _, cid := range cids {
			exists, err := tx.HasChannel(cid)
			if err == nil && !exists {
				err = noChannel("cid")
			}
			if err != nil {
				return err
			}
			if _, err := e.seqOf(tx, cid, upTo[cid]); err != nil {
				return err
			}
		}
		return e.markRead(tx, user, cids, upTo)
	})
}

func (e *Engine) markRead(tx *sqlstore.Tx, user string, cids []chat.CID, upTo map[chat.CID]string) error {
	for _, cid := range cids {
		seq, err := e.seqOf(tx, cid, upTo[cid])
		if err != nil {
			return err
		}
		reached, moved, err := tx.MarkRead(cid, user, seq, e.now())
		if err == nil && moved {
			err = e.recordRead(tx, cid, user, reached)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) recordRead(tx *sqlstore.Tx, cid chat.CID, user string, seq int64) error {
	return e.record(tx, sqlstore.Entry{
		Type: chat.MessageRead, CID: cid, User: user, Detail: strconv.FormatInt(seq, 10), At: e.now()})
}

// seqOf is the number of a channel's message, 0 where none is named.
func (e *Engine) seqOf(tx *sqlstore.Tx, cid chat.CID, message string) (int64, error) {
	if message == "" {
		return 0, nil
	}
	m, found, err := tx.MessageDetail(message)
	if err == nil && (!found || m.CID != cid) {
		err = chat.Missing("message_id", "There is no message %q in the channel.", message)
	}
	return m.Seq, err
}

// MarkUnreadFor notes that a member has yet to read a channel from a message on, or
// from a time on. NotFound and InvalidArguments as with MarkReadFor.
func (e *Engine) MarkUnreadFor(ctx context.Context, user string, cid chat.CID, message string, since time.Time) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := e.needMember(tx, cid, user); err != nil {
			return err
		}
		seq, err := e.seqOf(tx, cid, message)
		if seq--; message == "" && err == nil {
			seq, err = tx.SeqBefore(cid, since)
		}
		if err != nil {
			return err
		}
		if _, err := tx.MarkUnread(cid, user, seq); err != nil {
			return err
		}
		return e.recordRead(tx, cid, user, seq)
	})
}

// MarkDelivered notes the last message of each channel that reached a member's
// device. NotFound: the channel, the member or the message.
func (e *Engine) MarkDelivered(ctx context.Context, user string, last map[chat.CID]string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, cid := range slices.Collect(maps.Keys(last)) {
			m, found, err := tx.MemberDetail(cid, user, e.now())
			if err == nil && !found {
				err = noMember(user)
			}
			if err == nil {
				_, err = e.seqOf(tx, cid, last[cid])
			}
			if err != nil {
				return err
			}
			m.DeliveredID, m.DeliveredAt = last[cid], e.now()
			if err := tx.SetMemberDetail(m); err != nil {
				return err
			}
		}
		return nil
	})
}
