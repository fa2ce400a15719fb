package extra

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// TruncateChannel removes messages of a channel, for all or for some members. NotFound: the
// channel.
func (e *Engine) TruncateChannel(ctx context.Context, by chat.Actor, cid chat.CID, t chat.Truncation) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		c, found, err := tx.HoldChannel(cid)
		if err == nil && !found {
			err = chat.NoChannel("cid")
		}
		now := e.now()
		if t.Before.IsZero() {
			t.Before = now
		}
		if err == nil && t.Message != nil {
			t.Message.CreatedAt = later(now, t.Before)
			err = e.MayPost(tx, chat.Actor{BackOffice: true}, t.Message, false)
		}
		if err != nil {
			return err
		}
		if len(t.Members) > 0 {
			for _, user := range t.Members {
				tx.Note(chat.ChangeTarget{Kind: chat.MemberTarget, CID: cid, UserID: user})
			}
			err = e.HideHistory(tx, cid, t.Members, t.Before)
		} else {
			err = e.truncate(tx, by, c, t)
		}
		if err == nil && t.Message != nil {
			err = e.AppendMessage(tx, t.Message, false)
		}
		return err
	})
}

// later returns now, or the time just after than if than isn't past.
func later(now, than time.Time) time.Time {
	if now.After(than) {
		return now
	}
	return than.Add(time.Microsecond)
}

func (e *Engine) truncate(tx *sqlstore.Tx, by chat.Actor, c chat.Channel, t chat.Truncation) error {
	if _, err := store.Truncate(tx, c.CID, t.Before, !t.Hard, e.now()); err != nil {
		return err
	}
	c.TruncatedAt, c.TruncatedBy, c.UpdatedAt = t.Before, by.ID, e.now()
	if err := tx.PutChannel(c); err != nil {
		return err
	}
	return e.RecordInBoth(tx, sqlstore.Entry{Type: chat.ChannelTruncated, CID: c.CID, User: by.ID, At: e.now()})
}

// HideChannel hides a channel from some of its members until the next message, or shows it again. If
// forget is true, its present messages stay hidden from them. NotFound: the channel.
// InvalidArguments: a user isn't a member.
func (e *Engine) HideChannel(ctx context.Context, cid chat.CID, users []string, hidden, forget bool) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, user := range users {
			if err := e.needMember(tx, cid, user); err != nil {
				return err
			}
		}
		for _, user := range users {
			tx.Note(chat.ChangeTarget{Kind: chat.MemberTarget, CID: cid, UserID: user})
			err := e.ChangeSettings(tx, cid, user, func(o *chat.ChannelSettings) {
				o.Hidden = hidden
				if forget {
					o.HiddenBefore = e.now()
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// MuteChannels mutes channels for a user until a time, permanently if it is zero, or unmutes them.
// It changes all of them or none. NotFound: one of them.
func (e *Engine) MuteChannels(ctx context.Context, cids []chat.CID, user string, muted bool, until time.Time) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, cid := range cids {
			err := e.ChangeSettings(tx, cid, user, func(o *chat.ChannelSettings) { o.Muted, o.MutedUntil = muted, until })
			if err != nil {
				return err
			}
		}
		return nil
	})
}
