package engine

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// HideHistory hides a channel's messages up to a time from some users.
func (e *Effects) HideHistory(tx *sqlstore.Tx, cid chat.CID, users []string, before time.Time) error {
	for _, user := range users {
		err := e.ChangeSettings(tx, cid, user, func(o *chat.ChannelSettings) { o.HiddenBefore = before })
		if err != nil {
			return err
		}
	}
	return nil
}

// ChangeSettings applies change to a user's settings for a channel and stores the result. NotFound:
// the channel.
func (e *Effects) ChangeSettings(tx *sqlstore.Tx, cid chat.CID, user string, change func(o *chat.ChannelSettings)) error {
	o, err := tx.ChannelSettings(cid, user)
	if err != nil {
		return err
	}
	change(&o)
	o.ChangedAt = e.now()
	found, err := tx.SetChannelSettings(cid, user, o)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	return err
}
