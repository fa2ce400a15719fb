package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// BusiestChannels returns the channels with the most messages since a time.
func (s *Store) BusiestChannels(ctx context.Context, since time.Time, limit int) ([]chat.BusyChannel, error) {
	rows, err := s.Query(ctx, `SELECT c.cid, b.messages FROM
		(SELECT t.channel, COUNT(*) AS messages FROM
			(SELECT channel FROM messages WHERE id >= $1 AND timed = 0
			UNION ALL SELECT channel FROM messages WHERE timed >= $2 AND timed <> 0) t GROUP BY t.channel) b
		JOIN channels c ON c.no = b.channel ORDER BY b.messages DESC, c.cid LIMIT $3`, firstID(since), Micros(since), limit)
	list, err := Collect(rows, err, func(rows Row) (b chat.BusyChannel, err error) {
		var cid string
		err = rows.Scan(&cid, &b.Messages)
		b.Channel.CID = SplitCID(cid)
		return b, err
	})
	for i := range list {
		if list[i].Channel, _, err = s.Channel(ctx, list[i].Channel.CID, ""); err != nil {
			return nil, err
		}
	}
	return list, err
}

// SilentChannels returns the channels without a message since a time, and created
// before it, the longest silence first.
func (s *Store) SilentChannels(ctx context.Context, since time.Time, limit int) ([]chat.Channel, error) {
	rows, err := s.Query(ctx, `SELECT `+ChannelColumns+` FROM channels WHERE last_message_at < $1 AND created_at < $1
		ORDER BY CASE WHEN last_message_at = 0 THEN created_at ELSE last_message_at END, cid LIMIT $2`, Micros(since), limit)
	return Collect(rows, err, ChannelScanner())
}

// NewestChannels returns the channels created last.
func (s *Store) NewestChannels(ctx context.Context, limit int) ([]chat.Channel, error) {
	rows, err := s.Query(ctx, `SELECT `+ChannelColumns+` FROM channels ORDER BY created_at DESC, cid DESC LIMIT $1`, limit)
	return Collect(rows, err, ChannelScanner())
}

// EndingBans returns the bans that end between two times, the next first. Those of
// all channels have no cid.
func (s *Store) EndingBans(ctx context.Context, from, until time.Time, limit int) ([]chat.ChannelRestriction, error) {
	rows, err := s.Query(ctx, `SELECT u.id, u.name, u.role, u.created_at, u.updated_at, r.kind, r.until, r.made_by, r.reason, r.created_at,
			COALESCE(c.cid, '')
		FROM restrictions r JOIN users u ON u.id = r.user_id LEFT JOIN channels c ON c.no = r.channel
		WHERE r.kind = 'ban' AND r.until > $1 AND r.until <= $2 AND (r.channel = 0 OR c.no IS NOT NULL) ORDER BY r.until, u.id, r.channel LIMIT $3`,
		Micros(from), Micros(until), limit)
	return Collect(rows, err, scanChannelRestriction)
}
