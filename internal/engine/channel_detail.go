package engine

import (
	"context"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SearchChannels returns the channels that match. InvalidArguments: the filter or
// sort asks what can't be asked.
func (e *Engine) SearchChannels(ctx context.Context, q chat.ChannelSearch) ([]chat.ChannelDetail, error) {
	list, err := e.store.SearchChannels(ctx, q, e.now())
	for i := range list {
		list[i].Avatar = e.avatarURL(list[i].Avatar)
	}
	return list, err
}

// ChannelDetail returns one channel, with a user's settings for it where a user is
// given; NotFound.
func (e *Engine) ChannelDetail(ctx context.Context, cid chat.CID, viewer string) (chat.ChannelDetail, error) {
	c, found, err := e.store.ChannelDetail(ctx, cid, viewer)
	if err == nil && !found {
		err = noChannel("cid")
	}
	c.Avatar = e.avatarURL(c.Avatar)
	return c, err
}

// EnsureChannel makes a channel with all its data and members where there is none
// of that cid, and reports whether it did. One that is there is left as it is.
// NotFound: the type. InvalidArguments: settings of its own that can't be.
func (e *Engine) EnsureChannel(ctx context.Context, by chat.Actor, c chat.ChannelDetail, members []chat.MemberDetail) (made bool, err error) {
	if err := chat.CheckCustom(c.Custom); err != nil {
		return false, err
	}
	if err := e.checkConfig(ctx, c); err != nil {
		return false, err
	}
	c.Avatar = e.avatarFile(c.Avatar)
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		made = false
		exists, err := tx.HasChannel(c.CID)
		if err != nil || exists {
			return err
		}
		made = true
		c.CreatedAt = e.now()
		if err := e.insertChannel(tx, by, c.Channel); err != nil {
			return err
		}
		c.UpdatedAt = c.CreatedAt
		if err := tx.SetChannelDetail(c); err != nil {
			return err
		}
		return e.addMembers(tx, c.CID, members)
	})
	return made, err
}

// ChangeChannel has change work on a channel's own data, and stores the outcome:
// name, avatar, frozen, custom and extra. NotFound. An error of change is returned
// and nothing is stored.
func (e *Engine) ChangeChannel(ctx context.Context, by chat.Actor, cid chat.CID, change func(c *chat.ChannelDetail) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		c, found, err := tx.ChannelDetail(cid)
		if err == nil && !found {
			err = noChannel("cid")
		}
		if err != nil {
			return err
		}
		c.Avatar = e.avatarURL(c.Avatar)
		if err := change(&c); err != nil {
			return err
		}
		if err := chat.CheckCustom(c.Custom); err != nil {
			return err
		}
		if err := e.checkConfig(ctx, c); err != nil {
			return err
		}
		c.Avatar, c.UpdatedAt = e.avatarFile(c.Avatar), e.now()
		if err := tx.SetChannelDetail(c); err != nil {
			return err
		}
		return e.recordChange(tx, cid, by)
	})
}

// avatarFile is an avatar as it is kept: the file's name where it is one of our
// uploads, else the whole address.
func (e *Engine) avatarFile(address string) string {
	name, ours := strings.CutPrefix(address, e.mediaBase)
	if ours && name != "" && !strings.ContainsAny(name, "/%?#") {
		return name
	}
	return address
}
