package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"backchannel/internal/chat"
)

// Overview counts channels, users and messages.
func (s *Store) Overview(ctx context.Context) (chat.Overview, error) {
	rows, err := s.query(ctx, `SELECT COUNT(*), COALESCE(CAST(SUM(message_count) AS BIGINT), 0),
		(SELECT COUNT(*) FROM users) FROM channels`)
	o, _, err := first(rows, err, func(rows *sql.Rows) (o chat.Overview, err error) {
		o.Messages = new(int64)
		err = rows.Scan(&o.Channels, o.Messages, &o.Users)
		return o, err
	})
	return o, err
}

// MessagesBetween counts the messages sent from one moment until before another.
// Ids begin with the time in milliseconds, so that this reads nothing but their
// index.
func (s *Store) MessagesBetween(ctx context.Context, from, until time.Time) (int64, error) {
	rows, err := s.query(ctx, `SELECT COUNT(*) FROM messages WHERE id >= $1 AND id < $2`, firstID(from), firstID(until))
	n, _, err := first(rows, err, scanValue[int64])
	return n, err
}

// firstID comes before every id that was made at that moment or later.
func firstID(at time.Time) string {
	ms := at.UnixMilli()
	return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
}

// Contents counts what is in those channels that there are.
func (s *Store) Contents(ctx context.Context, cids []chat.CID) (all chat.Contents, err error) {
	seen := make(map[chat.CID]bool, len(cids))
	for chunk := range chunks(cids) {
		list, args := in(chunk, func(c chat.CID) any { return c.String() })
		rows, err := s.query(ctx, `SELECT `+channelColumns+` FROM channels WHERE cid IN `+list, args...)
		found, err := collect(rows, err, channelScanner())
		if err != nil {
			return all, err
		}
		for _, c := range found {
			if !seen[c.CID] {
				seen[c.CID] = true
				all.Channels++
				all.Messages += c.MessageCount
				all.Members += c.MemberCount
			}
		}
	}
	return all, nil
}
