package engine

import (
	"context"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// AllChannels implements chat.Provider. It returns a cached list if nothing has changed.
func (e *Engine) AllChannels(ctx context.Context) ([]chat.Channel, error) {
	return e.list.get(ctx, e)
}

// Channels implements chat.Provider.
func (e *Engine) Channels(ctx context.Context, q chat.ChannelQuery) (chat.Page[chat.Channel], error) {
	list, err := e.Store.Channels(ctx, q)
	e.completeAvatars(list)
	return forward(list, q.Limit, q.After != chat.Position{}), err
}

// Channel implements chat.Provider.
func (e *Engine) Channel(ctx context.Context, cid chat.CID) (chat.Channel, error) {
	return e.ChannelFor(ctx, cid, "")
}

// ChannelFor returns one channel and, if viewer isn't "", that user's settings for it; NotFound.
func (e *Engine) ChannelFor(ctx context.Context, cid chat.CID, viewer string) (chat.Channel, error) {
	c, found, err := e.Store.Channel(ctx, cid, viewer)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	return e.Current(c), err
}

// Current returns a channel in its current state: expired mutes are removed.
func (e *Effects) Current(c chat.Channel) chat.Channel {
	c.Avatar = e.avatarURL(c.Avatar)
	if !c.Own.MutedUntil.IsZero() && !c.Own.MutedUntil.After(e.now()) {
		c.Own.Muted, c.Own.MutedUntil = false, time.Time{}
	}
	return c
}

// CreateChannel implements chat.Provider.
func (e *Engine) CreateChannel(ctx context.Context, req chat.CreateChannel) (chat.CID, error) {
	id, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		cid, err := freeCID(tx, req.Type, req.WantID)
		if err != nil {
			return "", err
		}
		return cid.ID, e.InsertChannel(tx, req.Operation.By, chat.Channel{CID: cid, Name: req.Name, Avatar: req.Avatar})
	})
	return chat.CID{Type: req.Type, ID: id}, err
}

// freeCID returns the wanted cid or, if it is taken, one that ends in -2, -3 …: a number that is
// free while the one before it is taken. It tries 2, 4, 8 … and then bisects, so that the
// thousandth channel with a name costs hardly more than the second.
func freeCID(tx *sqlstore.Tx, kind chat.ChannelType, want string) (chat.CID, error) {
	numbered := func(n int) chat.CID {
		if n == 1 {
			return chat.CID{Type: kind, ID: want}
		}
		suffix := "-" + strconv.Itoa(n)
		return chat.CID{Type: kind, ID: want[:min(len(want), chat.MaxChannelIDLength-len(suffix))] + suffix}
	}
	taken, free := 0, 1
	for {
		used, err := tx.HasChannel(numbered(free))
		if err != nil {
			return chat.CID{}, err
		}
		if !used {
			break
		}
		taken, free = free, free*2
	}
	for free-taken > 1 {
		middle := (taken + free) / 2
		used, err := tx.HasChannel(numbered(middle))
		if err != nil {
			return chat.CID{}, err
		}
		if used {
			taken = middle
		} else {
			free = middle
		}
	}
	return numbered(free), nil
}

// PutChannel implements chat.Provider.
func (e *Engine) PutChannel(ctx context.Context, req chat.PutChannel) error {
	by := req.Operation.By
	_, err := e.change(ctx, req.CID, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		exists, err := tx.HasChannel(req.CID)
		if err == nil && !exists {
			err = e.checkVersion(tx, by, req.Operation.IfVersion, "ifVersion", chat.NoVersion, chat.ChangeTarget{Kind: chat.ChannelTarget, CID: req.CID})
		}
		if err != nil {
			return "", err
		}
		if !exists {
			return "", e.InsertChannel(tx, by, chat.Channel{CID: req.CID, Name: req.Name, Avatar: req.Avatar.Value})
		}
		return "", e.changeData(tx, req.Operation, req.CID, func(c *chat.Channel) error {
			if c.Name = req.Name; req.Avatar.Set {
				c.Avatar = req.Avatar.Value
			}
			return nil
		})
	})
	return err
}

// InsertChannel creates every channel, with its creator's own settings for it. Its callers differ in
// what they do if the cid is taken: CreateChannel takes another one, PutChannel updates that
// channel, and Stream's API leaves it as it is. NotFound: the type. InvalidArguments: the data isn't
// allowed.
func (e *Effects) InsertChannel(tx *sqlstore.Tx, by chat.Actor, c chat.Channel) error {
	if err := e.checkChannel(tx, c); err != nil {
		return err
	}
	c.Avatar = e.avatarFile(c.Avatar)
	if c.CreatedBy = by.ID; c.CreatedAt.IsZero() {
		c.CreatedAt = e.now()
	}
	if err := tx.InsertChannel(c); err != nil {
		return err
	}
	if c.Own != (chat.ChannelSettings{}) {
		c.Own.ChangedAt = e.now()
		if _, err := tx.SetChannelSettings(c.CID, by.ID, c.Own); err != nil {
			return err
		}
	}
	return e.RecordForDesk(tx, sqlstore.Entry{Type: chat.ChannelCreated, CID: c.CID, User: by.ID, At: c.CreatedAt})
}

// ChangeChannel changes a channel and its members, all or nothing. The back office, admins and
// moderators may do this: Unauthorized. NotFound: the channel doesn't exist, or a
// user answers an invitation that doesn't exist. InvalidArguments: a user isn't a chat user, or isn't
// a member although the change needs one. An error of req.Data is returned unchanged.
func (e *Engine) ChangeChannel(ctx context.Context, req chat.ChannelChange) error {
	by := req.Operation.By
	_, err := e.change(ctx, req.CID, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		err := e.allow(tx, by, req.CID, "cid", e.policy.MayModerate)
		if err == nil && req.Message != nil {
			req.Message.CreatedAt = e.now()
			err = e.MayPost(tx, chat.Actor{BackOffice: true}, req.Message, false)
		}
		if err == nil && req.Data != nil {
			err = e.changeData(tx, req.Operation, req.CID, req.Data)
		}
		if err == nil {
			err = e.changeMembers(tx, req)
		}
		if err == nil && req.Message != nil {
			err = e.AppendMessage(tx, req.Message, req.SkipHidden)
		}
		return "", err
	})
	return err
}

// FreezeChannel implements chat.Provider.
func (e *Engine) FreezeChannel(ctx context.Context, req chat.FreezeChannel) error {
	return e.ChangeChannel(ctx, chat.ChannelChange{Operation: req.Operation, CID: req.CID, Data: func(c *chat.Channel) error {
		c.Frozen = req.Frozen
		return nil
	}})
}

// changeData makes every change of a channel's own data.
func (e *Effects) changeData(tx *sqlstore.Tx, op chat.Operation, cid chat.CID, change func(c *chat.Channel) error) error {
	c, found, err := tx.HoldChannel(cid)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	if err != nil {
		return err
	}
	kept := c.Avatar
	c.Avatar = e.avatarURL(kept)
	shown := c.Avatar
	if err := e.checkVersion(tx, op.By, op.IfVersion, "ifVersion", c.Version(), chat.ChangeTarget{Kind: chat.ChannelTarget, CID: cid}); err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	if err := e.checkChannel(tx, c); err != nil {
		return err
	}
	if c.UpdatedAt = e.now(); c.Avatar == shown {
		c.Avatar = kept
	} else {
		c.Avatar = e.avatarFile(c.Avatar)
	}
	if err := tx.PutChannel(c); err != nil {
		return err
	}
	return e.recordChange(tx, cid, op.By)
}

// checkChannel returns an error if a channel's own data isn't valid.
func (e *Effects) checkChannel(tx *sqlstore.Tx, c chat.Channel) error {
	if err := chat.CheckCustom(c.Custom); err != nil {
		return err
	}
	s, err := e.SettingsIn(tx)
	if err != nil {
		return err
	}
	return s.checkConfig(c)
}

// recordChange records a change of a channel's own data.
func (e *Effects) recordChange(tx *sqlstore.Tx, cid chat.CID, by chat.Actor) error {
	return e.RecordInBoth(tx, sqlstore.Entry{Type: chat.ChannelUpdated, CID: cid, User: by.ID, At: e.now()})
}

// DeleteChannels implements chat.Provider. It deletes all channels or none.
func (e *Engine) DeleteChannels(ctx context.Context, req chat.DeleteChannels) error {
	_, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		_, err := e.DropChannels(tx, req.Operation.By, req.CIDs)
		return "", err
	})
	return err
}

// DropChannels moves channels to the bin and returns those that existed.
func (e *Effects) DropChannels(tx *sqlstore.Tx, by chat.Actor, cids []chat.CID) ([]chat.BinnedChannel, error) {
	at := e.now()
	deleted, err := tx.DeleteChannels(cids, by.ID, at, e.deskReached)
	if err != nil {
		return nil, err
	}
	tx.AfterCommit(func() {
		for _, c := range deleted {
			e.Hub.End(c.CID)
			e.observe(sqlstore.Entry{Type: chat.ChannelDeleted, CID: c.CID, User: by.ID, At: at})
		}
	})
	return deleted, nil
}

func (e *Effects) completeAvatars(list []chat.Channel) {
	for i := range list {
		list[i].Avatar = e.avatarURL(list[i].Avatar)
	}
}

// avatarFile returns an avatar in stored form: the file's name if it is one of our uploads,
// otherwise the whole address.
func (e *Effects) avatarFile(address string) string {
	name, ours := strings.CutPrefix(address, e.avatarBase)
	if ours && name != "" && !strings.ContainsAny(name, "/%?#") {
		return name
	}
	return address
}
