package sqlstore

import (
	"context"
	"strconv"

	"backchannel/internal/chat"
)

const settingColumns = `c.cid, o.hidden, o.hidden_before, o.muted, o.muted_until, o.changed_at
	FROM channel_settings o JOIN channels c ON c.no = o.channel`

// FillSettings adds a viewer's settings to channels, unless viewer is "".
func (s *Store) FillSettings(ctx context.Context, list []chat.Channel, viewer string) error {
	if viewer == "" {
		return nil
	}
	for chunk := range Chunks(list) {
		marks, args := In(chunk, func(c chat.Channel) any { return c.CID.String() })
		rows, err := s.Query(ctx, `SELECT `+settingColumns+` WHERE c.cid IN `+marks+` AND o.user_id = $`+strconv.Itoa(len(args)+1),
			append(args, viewer)...)
		found, err := Collect(rows, err, scanOwn)
		if err != nil {
			return err
		}
		own := make(map[chat.CID]chat.ChannelSettings, len(found))
		for _, one := range found {
			own[one.cid] = one.ChannelSettings
		}
		for i := range chunk {
			chunk[i].Own = own[chunk[i].CID]
		}
	}
	return nil
}

// ChannelSettings returns a user's settings for a channel.
func (tx *Tx) ChannelSettings(cid chat.CID, user string) (chat.ChannelSettings, error) {
	o, _, err := TxFirst(tx, scanOwn, `SELECT `+settingColumns+` WHERE c.cid = $1 AND o.user_id = $2`, cid.String(), user)
	return o.ChannelSettings, err
}

// SetChannelSettings stores a user's settings for a channel and reports whether
// there is such a channel.
func (tx *Tx) SetChannelSettings(cid chat.CID, user string, o chat.ChannelSettings) (bool, error) {
	n, err := tx.Change(`INSERT INTO channel_settings (channel, user_id, hidden, hidden_before, muted, muted_until, changed_at)
		SELECT no, $2, $3, $4, $5, $6, $7 FROM channels WHERE cid = $1
		ON CONFLICT (channel, user_id) DO UPDATE SET hidden = excluded.hidden, hidden_before = excluded.hidden_before,
		muted = excluded.muted, muted_until = excluded.muted_until, changed_at = excluded.changed_at`,
		cid.String(), user, o.Hidden, Micros(o.HiddenBefore), o.Muted, Micros(o.MutedUntil), Micros(o.ChangedAt))
	return n > 0, err
}

type ownSettings struct {
	cid chat.CID
	chat.ChannelSettings
}

func scanOwn(rows Row) (o ownSettings, err error) {
	var cid string
	var before, until, changed int64
	err = rows.Scan(&cid, &o.Hidden, &before, &o.Muted, &until, &changed)
	o.cid, o.HiddenBefore, o.MutedUntil, o.ChangedAt = SplitCID(cid), Moment(before), Moment(until), Moment(changed)
	return o, err
}
