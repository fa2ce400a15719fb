package engine

import (
	"context"

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
