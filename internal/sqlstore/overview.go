package sqlstore

import (
	"context"
	"fmt"
	"time"

	"backchannel/internal/chat"
)

// Overview counts channels, users and messages.
func (s *Store) Overview(ctx context.Context) (chat.Overview, error) {
	rows, err := s.Query(ctx, `SELECT COUNT(*), COALESCE(CAST(SUM(message_count) AS BIGINT), 0),
		(SELECT COUNT(*) FROM users) FROM channels`)
	o, _, err := First(rows, err, func(rows Row) (o chat.Overview, err error) {
		o.Messages = new(int64)
		err = rows.Scan(&o.Channels, o.Messages, &o.Users)
		return o, err
	})
	return o, err
}

// MessagesIn counts the messages sent in a clock hour. Our own ids start with the time, so an
// existing index counts them. Messages with ids of an app are subtracted and counted by their time;
// those of deleted channels are subtracted.
func (s *Store) MessagesIn(ctx context.Context, hour time.Time) (int64, error) {
	next := hour.Add(time.Hour)
	rows, err := s.Query(ctx, `SELECT (SELECT COUNT(*) FROM messages WHERE id >= $1 AND id < $2)
		- (SELECT COUNT(*) FROM messages WHERE id >= $1 AND id < $2 AND timed <> 0)
		+ (SELECT COUNT(*) FROM messages WHERE timed >= $3 AND timed < $4 AND timed <> 0)
		- (SELECT COUNT(*) FROM bin b JOIN messages m ON m.channel = b.no WHERE b.last_message_at >= $3
			AND (m.timed = 0 AND m.id >= $1 AND m.id < $2 OR m.timed <> 0 AND m.timed >= $3 AND m.timed < $4))`,
		firstID(hour), firstID(next), Micros(hour), Micros(next))
	n, _, err := First(rows, err, ScanValue[int64])
	return n, err
}

// firstID returns an id that sorts before every id generated at that time or later.
func firstID(at time.Time) string {
	ms := at.UnixMilli()
	return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
}

// timed returns when a message was sent, in microseconds, or 0 if its id contains the hour.
func timed(id string, createdAt int64) int64 {
	hour := time.UnixMicro(createdAt).Truncate(time.Hour)
	if ms, ok := idTime(id); ok && time.UnixMilli(ms).Truncate(time.Hour).Equal(hour) {
		return 0
	}
	return createdAt
}

// idTime returns the time in milliseconds at the start of an id of version 7.
func idTime(id string) (ms int64, ok bool) {
	if len(id) < 13 || id[8] != '-' {
		return 0, false
	}
	for i := range 13 {
		switch c := id[i]; {
		case i == 8:
		case '0' <= c && c <= '9':
			ms = ms<<4 | int64(c-'0')
		case 'a' <= c && c <= 'f':
			ms = ms<<4 | int64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return ms, true
}

// Existing returns the channels that exist, without repeats.
func (s *Store) Existing(ctx context.Context, cids []chat.CID) (all []chat.Channel, err error) {
	seen := make(map[chat.CID]bool, len(cids))
	for chunk := range Chunks(cids) {
		list, args := In(chunk, func(c chat.CID) any { return c.String() })
		rows, err := s.Query(ctx, `SELECT `+ChannelColumns+` FROM channels WHERE cid IN `+list, args...)
		found, err := Collect(rows, err, ChannelScanner())
		if err != nil {
			return all, err
		}
		for _, c := range found {
			if !seen[c.CID] {
				seen[c.CID] = true
				all = append(all, c)
			}
		}
	}
	return all, nil
}
