package desk

import (
	"context"
	"errors"

	"backchannel/internal/chat"
)

// AllChannels returns every channel by name. The slice is shared: callers must not modify it.
func (d *Desk) AllChannels(ctx context.Context, r Request) ([]chat.Channel, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	return d.provider.AllChannels(ctx)
}

// Channel returns a channel, or nil if it doesn't exist, if the caller may read it.
func (d *Desk) Channel(ctx context.Context, r Request, cid string) (*chat.Channel, error) {
	id, err := d.shown(ctx, r, cid)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := d.provider.Channel(ctx, id)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	return &c, err
}

// shown is like readable, for operations that report a missing channel themselves. The back office
// may read all channels, so nothing is checked for it.
func (d *Desk) shown(ctx context.Context, r Request, cid string) (chat.CID, error) {
	if !d.IsBackOffice(r) {
		return d.readable(ctx, r, cid)
	}
	if err := d.authenticate(ctx, r); err != nil {
		return chat.CID{}, err
	}
	return d.cid(ctx, "cid", cid)
}

// readable parses a cid and checks that the caller may read the channel.
func (d *Desk) readable(ctx context.Context, r Request, cid string) (chat.CID, error) {
	if err := d.authenticate(ctx, r); err != nil {
		return chat.CID{}, err
	}
	id, err := d.cid(ctx, "cid", cid)
	if err != nil {
		return id, err
	}
	return id, r.Readable.check(id, func() error { return d.provider.MayRead(ctx, d.actor(r), id) })
}

// MyChannels asks for a page of the channels that the caller is a member of.
type MyChannels struct {
	Request
	First *int    // nil means DefaultPage
	After *string // cursor
}

// MyChannels returns a page of the caller's channels by name.
func (d *Desk) MyChannels(ctx context.Context, in MyChannels) (page chat.Page[chat.Channel], err error) {
	by, err := d.enter(ctx, in.Request)
	if err != nil {
		return page, err
	}
	q := chat.ChannelQuery{Member: by.ID}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseChannelCursor); err != nil {
		return page, err
	}
	return d.provider.Channels(ctx, q)
}

// ListChannels asks for a page of channels.
type ListChannels struct {
	Request
	First  *int    // nil means DefaultPage; at most MaxChannelPage
	After  *string // cursor
	Search string
	Type   *chat.ChannelType // nil for all
}

// ListChannels returns a page of channels by name.
func (d *Desk) ListChannels(ctx context.Context, in ListChannels) (page chat.Page[chat.Channel], err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.ChannelQuery{Search: in.Search}
	if q.Limit, err = pageSize("first", in.First, MaxChannelPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseChannelCursor); err != nil {
		return page, err
	}
	if err := checkSearch(in.Search); err != nil {
		return page, err
	}
	if in.Type != nil {
		if err := d.checkType(ctx, "typeName", *in.Type); err != nil {
			return page, err
		}
		q.Type = *in.Type
	}
	return d.provider.Channels(ctx, q)
}

// CreateOrUpdateChannel is the input of the documented operation.
type CreateOrUpdateChannel struct {
	Request   `json:"-"`
	ID        *string // nil for a new channel
	Name      string
	SetAvatar bool    // if false, the avatar stays as it is
	Avatar    *string // file name; nil removes the avatar
	Type      chat.ChannelType
}

// CreateOrUpdateChannel creates a channel with an id derived from its name. With an id it updates
// that channel, or creates it.
func (d *Desk) CreateOrUpdateChannel(ctx context.Context, in CreateOrUpdateChannel) (chat.CID, error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return chat.CID{}, err
	}
	op, err := d.operation(in.Request, "createOrUpdateChannel", in)
	if err != nil {
		return chat.CID{}, err
	}
	if err := in.check(); err != nil {
		return chat.CID{}, err
	}
	if err := d.checkType(ctx, "typeName", in.Type); err != nil {
		return chat.CID{}, err
	}
	avatar := chat.Optional{Set: in.SetAvatar}
	if in.Avatar != nil {
		if err := d.checkUpload(ctx, in); err != nil {
			return chat.CID{}, err
		}
		avatar.Value = *in.Avatar
	}
	if in.ID == nil {
		return d.provider.CreateChannel(ctx, chat.CreateChannel{
			Operation: op, Type: in.Type, WantID: slug(in.Name), Name: in.Name, Avatar: avatar.Value})
	}
	cid := chat.CID{Type: in.Type, ID: *in.ID}
	return cid, d.provider.PutChannel(ctx, chat.PutChannel{Operation: op, CID: cid, Name: in.Name, Avatar: avatar})
}

// check validates the input and normalizes the name.
func (in *CreateOrUpdateChannel) check() error {
	if in.ID != nil {
		if err := chat.CheckChannelID(*in.ID); err != nil {
			return inField("id", err)
		}
	}
	if in.ID == nil && in.IfVersion != nil {
		return chat.Invalid("ifVersion", "A channel that is made from its name has no version before: leave ifVersion out, or give the id.")
	}
	name, err := chat.CleanName(in.Name)
	if err != nil {
		return inField("name", err)
	}
	in.Name = name
	if in.Avatar == nil {
		return nil
	}
	return inField("avatarFilename", chat.CheckAvatarName(*in.Avatar))
}

// checkUpload refuses an avatar's file name that wasn't uploaded, unless the channel has it
// already: older avatars, and those from elsewhere, may be kept.
func (d *Desk) checkUpload(ctx context.Context, in CreateOrUpdateChannel) error {
	if d.media == nil {
		return nil
	}
	err := d.media.CheckAvatar(ctx, *in.Avatar)
	bad, ok := errors.AsType[*chat.Error](err)
	if !ok || bad.Code != chat.InvalidArguments {
		return err
	}
	if in.ID != nil {
		c, err := d.provider.Channel(ctx, chat.CID{Type: in.Type, ID: *in.ID})
		if err == nil && c.Avatar == d.media.AvatarURL(*in.Avatar) {
			return nil
		}
		if err != nil && chat.CodeOf(err) != chat.NotFound {
			return err
		}
	}
	return inField("avatarFilename", bad)
}

// FreezeChannel asks for a channel to be frozen or unfrozen.
type FreezeChannel struct {
	Request `json:"-"`
	CID     string
	Frozen  bool
}

// FreezeChannel freezes or unfreezes a channel and returns it. For the back office, admins and
// moderators.
func (d *Desk) FreezeChannel(ctx context.Context, in FreezeChannel) (*chat.Channel, error) {
	if err := d.authenticate(ctx, in.Request); err != nil {
		return nil, err
	}
	op, err := d.operation(in.Request, "freezeChannel", in)
	if err != nil {
		return nil, err
	}
	cid, err := d.cid(ctx, "cid", in.CID)
	if err != nil {
		return nil, err
	}
	if err := d.provider.FreezeChannel(ctx, chat.FreezeChannel{Operation: op, CID: cid, Frozen: in.Frozen}); err != nil {
		return nil, err
	}
	c, err := d.provider.Channel(ctx, cid)
	return &c, err
}

// DeleteChannels is the input of the documented operation.
type DeleteChannels struct {
	Request `json:"-"`
	CIDs    []string
}

// DeleteChannels removes channels with everything in them.
func (d *Desk) DeleteChannels(ctx context.Context, in DeleteChannels) error {
	if err := d.authorise(ctx, in.Request); err != nil {
		return err
	}
	op, err := d.operation(in.Request, "deleteChannels", in)
	if err != nil {
		return err
	}
	cids, err := d.cids(ctx, "cids", in.CIDs, chat.MaxDeleteAtOnce)
	if err != nil {
		return err
	}
	return d.provider.DeleteChannels(ctx, chat.DeleteChannels{Operation: op, CIDs: cids})
}

func (d *Desk) cids(ctx context.Context, field string, given []string, most int) ([]chat.CID, error) {
	if n := len(given); n == 0 || n > most {
		return nil, chat.Invalid(field, "Give 1 to %d cids.", most)
	}
	cids := make([]chat.CID, len(given))
	for i, s := range given {
		cid, err := d.cid(ctx, index(field, i), s)
		if err != nil {
			return nil, err
		}
		cids[i] = cid
	}
	return cids, nil
}
