package desk

import (
	"context"

	"backchannel/internal/chat"
)

// ListMembers asks for a page of a channel's members.
type ListMembers struct {
	Request
	CID   string
	First *int    // nil means DefaultPage
	After *string // cursor
}

// ListMembers returns a page of a channel's members by id, if the caller may read the channel.
func (d *Desk) ListMembers(ctx context.Context, in ListMembers) (page chat.Page[chat.Member], err error) {
	cid, err := d.shown(ctx, in.Request, in.CID)
	if err != nil {
		return page, err
	}
	q := chat.MemberQuery{CID: cid}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseMemberCursor); err != nil {
		return page, err
	}
	return d.provider.Members(ctx, q)
}

// ChangeMembers asks for members to be added or removed.
type ChangeMembers struct {
	Request `json:"-"`
	CID     string
	UserIDs []string
	Remove  bool
}

// ChangeMembers adds or removes members. For the back office, admins and moderators.
func (d *Desk) ChangeMembers(ctx context.Context, in ChangeMembers) error {
	if err := d.authenticate(ctx, in.Request); err != nil {
		return err
	}
	name := "addMembers"
	if in.Remove {
		name = "removeMembers"
	}
	op, err := d.operation(in.Request, name, in)
	if err != nil {
		return err
	}
	cid, err := d.cid(ctx, "cid", in.CID)
	if err != nil {
		return err
	}
	if n := len(in.UserIDs); n == 0 || n > chat.MaxMembersAtOnce {
		return chat.Invalid("userIds", "Give 1 to %d users.", chat.MaxMembersAtOnce)
	}
	req := chat.ChangeMembers{Operation: op, CID: cid, Add: in.UserIDs}
	if in.Remove {
		req.Add, req.Remove = nil, in.UserIDs
	}
	return d.provider.ChangeMembers(ctx, req)
}

// MarkRead asks for a channel to be marked as read up to a seq, or completely.
type MarkRead struct {
	Request `json:"-"`
	CID     string
	Seq     *int64
}

// MarkRead sets how far the caller, a member, has read.
func (d *Desk) MarkRead(ctx context.Context, in MarkRead) error {
	if err := d.authenticate(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "markRead", in)
	if err != nil {
		return err
	}
	cid, err := d.cid(ctx, "cid", in.CID)
	if err != nil {
		return err
	}
	req := chat.MarkRead{Operation: op, CID: cid}
	if in.Seq != nil {
		if *in.Seq < 1 {
			return chat.Invalid("seq", "A seq is at least 1.")
		}
		req.Seq = *in.Seq
	}
	return d.provider.MarkRead(ctx, req)
}
