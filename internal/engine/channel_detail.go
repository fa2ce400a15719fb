package engine

import (
	"context"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SearchChannels returns the channels that match. InvalidArguments: the filter or
// sort asks what can't be asked.
func (e *Engine) SearchChannels(ctx context.Context, q chat.ChannelSearch) ([]chat.ChannelDetail, error) {
	list, err := e.store.SearchChannels(ctx, q, e.now())
	for i := range list {
		list[i] = e.current(list[i])
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
	return e.current(c), err
}

// current is a channel as callers see it now: mutes end by themselves.
func (e *Engine) current(c chat.ChannelDetail) chat.ChannelDetail {
	c.Avatar = e.avatarURL(c.Avatar)
	if !c.Own.MutedUntil.IsZero() && !c.Own.MutedUntil.After(e.now()) {
		c.Own.Muted, c.Own.MutedUntil = false, time.Time{}
	}
	return c
}

// EnsureChannel makes a channel with all its data and members where there is none
// of that cid, and reports whether it did. One that is there is left as it is. Own
// are the settings of who makes it.
// NotFound: the type. InvalidArguments: settings of its own that can't be.
func (e *Engine) EnsureChannel(ctx context.Context, by chat.Actor, c chat.ChannelDetail, members []chat.MemberDetail) (made bool, err error) {
	if err := chat.CheckCustom(c.Custom); err != nil {
		return false, err
	}
	setup, err := e.settings(ctx)
	if err == nil {
		err = setup.checkConfig(c)
	}
	if err != nil {
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
		c := c
		if c.CreatedAt.IsZero() {
			c.CreatedAt = e.now()
		}
		if err := e.insertChannel(tx, by, c.Channel); err != nil {
			return err
		}
		c.UpdatedAt = c.CreatedAt
		if err := tx.SetChannelDetail(c); err != nil {
			return err
		}
		if c.Own != (chat.ChannelSettings{}) {
			c.Own.ChangedAt = e.now()
			if _, err := tx.SetChannelSettings(c.CID, by.ID, c.Own); err != nil {
				return err
			}
		}
		return e.addMembers(tx, c.CID, members)
	})
	return made, err
}

// ChangeChannel changes a channel and its members, all or nothing. NotFound: the
// channel, or who has no invitation to answer; InvalidArguments: somebody named
// isn't a chat user or, where members are, no member. An error of c.Data is
// returned as it is.
func (e *Engine) ChangeChannel(ctx context.Context, by chat.Actor, cid chat.CID, c chat.ChannelChange) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		exists, err := tx.HasChannel(cid)
		if err == nil && !exists {
			err = noChannel("cid")
		}
		if err == nil && c.Message != nil {
			c.Message.CreatedAt = e.now()
			err = e.mayPost(tx, c.Message)
		}
		if err == nil && c.Data != nil {
			err = e.changeData(tx, by, cid, c.Data)
		}
		if err == nil {
			err = e.changeMembers(tx, cid, c)
		}
		if err == nil && c.Message != nil {
			err = e.appendMessage(tx, *c.Message, c.SkipHidden)
		}
		return err
	})
}

func (e *Engine) changeData(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, change func(c *chat.ChannelDetail) error) error {
	c, _, err := tx.ChannelDetail(cid)
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
	setup, err := e.settingsIn(tx)
	if err == nil {
		err = setup.checkConfig(c)
	}
	if err != nil {
		return err
	}
	c.Avatar, c.UpdatedAt = e.avatarFile(c.Avatar), e.now()
	if err := tx.SetChannelDetail(c); err != nil {
		return err
	}
	return e.recordChange(tx, cid, by)
}

// TruncateChannel takes messages of a channel away, for all or for some members.
// NotFound: the channel.
func (e *Engine) TruncateChannel(ctx context.Context, by chat.Actor, cid chat.CID, t chat.Truncation) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		c, found, err := tx.ChannelDetail(cid)
		if err == nil && !found {
			err = noChannel("cid")
		}
		now := e.now()
		if t.Before.IsZero() {
			t.Before = now
		}
		if err == nil && t.Message != nil {
			t.Message.CreatedAt = later(now, t.Before)
			err = e.mayPost(tx, t.Message)
		}
		if err != nil {
			return err
		}
		if len(t.Members) > 0 {
			err = e.hideHistory(tx, cid, t.Members, t.Before)
		} else {
			err = e.truncate(tx, by, c, t)
		}
		if err == nil && t.Message != nil {
			err = e.appendMessage(tx, *t.Message, false)
		}
		return err
	})
}

// later is now, or right after a time that is now or yet to come.
func later(now, than time.Time) time.Time {
	if now.After(than) {
		return now
	}
	return than.Add(time.Microsecond)
}

func (e *Engine) truncate(tx *sqlstore.Tx, by chat.Actor, c chat.ChannelDetail, t chat.Truncation) error {
	if _, err := tx.Truncate(c.CID, t.Before, !t.Hard, e.now()); err != nil {
		return err
	}
	c.TruncatedAt, c.TruncatedBy, c.UpdatedAt = t.Before, by.ID, e.now()
	if err := tx.SetChannelDetail(c); err != nil {
		return err
	}
	entry := sqlstore.Entry{Type: chat.ChannelTruncated, CID: c.CID, User: by.ID, At: e.now()}
	if err := e.record(tx, entry); err != nil {
		return err
	}
	return e.recordForDesk(tx, entry)
}

// hideHistory hides a channel's messages up to a time from some users.
func (e *Engine) hideHistory(tx *sqlstore.Tx, cid chat.CID, users []string, before time.Time) error {
	for _, user := range users {
		err := e.changeSettings(tx, cid, user, func(o *chat.ChannelSettings) { o.HiddenBefore = before })
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) changeSettings(tx *sqlstore.Tx, cid chat.CID, user string, change func(o *chat.ChannelSettings)) error {
	o, err := tx.ChannelSettings(cid, user)
	if err != nil {
		return err
	}
	change(&o)
	o.ChangedAt = e.now()
	found, err := tx.SetChannelSettings(cid, user, o)
	if err == nil && !found {
		err = noChannel("cid")
	}
	return err
}

// HideChannel hides a channel from one of its members until the next message, with
// all messages that there are so far where that is asked for, or shows it again.
// NotFound: the channel. InvalidArguments: the user is no member.
func (e *Engine) HideChannel(ctx context.Context, cid chat.CID, user string, hidden, forget bool) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := e.needMember(tx, cid, user); err != nil {
			return err
		}
		return e.changeSettings(tx, cid, user, func(o *chat.ChannelSettings) {
			o.Hidden = hidden
			if forget {
				o.HiddenBefore = e.now()
			}
		})
	})
}

// MuteChannels mutes channels for a user until a time, zero for good, or lifts that.
// All or none. NotFound: one of them.
func (e *Engine) MuteChannels(ctx context.Context, cids []chat.CID, user string, muted bool, until time.Time) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, cid := range cids {
			err := e.changeSettings(tx, cid, user, func(o *chat.ChannelSettings) { o.Muted, o.MutedUntil = muted, until })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// avatarFile is an avatar as it is kept: the file's name where it is one of our
// uploads, else the whole address.
func (e *Engine) avatarFile(address string) string {
	name, ours := strings.CutPrefix(address, e.avatarBase)
	if ours && name != "" && !strings.ContainsAny(name, "/%?#") {
		return name
	}
	return address
}
