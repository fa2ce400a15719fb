package store

import (
	"context"
	"math"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const fromMessages = `SELECT ` + sqlstore.MessageColumns + ` FROM ` + sqlstore.MessageTables + ` WHERE `

// messages returns the messages m in channels c that satisfy a condition, without their data from
// other tables.
func (s *Store) messages(ctx context.Context, condition string, args ...any) ([]chat.Message, error) {
	rows, err := s.Query(ctx, fromMessages+condition, args...)
	return sqlstore.Collect(rows, err, sqlstore.MessageScanner())
}

// MessagesOf returns the newest messages of each channel, oldest first. It excludes replies that
// are shown only in threads, and what the viewer must not see: messages sent before it hid the
// channel with its history, and messages for others.
func (s *Store) MessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int, at time.Time) (map[chat.CID][]chat.Message, error) {
	var all []chat.Message
	for _, c := range channels {
		list, err := s.messages(ctx, `c.cid = $1 AND NOT m.aside AND m.created_at > $2 AND (CAST($4 AS TEXT) = '' OR `+sqlstore.ShownTo("m", "$4")+`)
			ORDER BY m.seq DESC LIMIT $3`, c.CID.String(), sqlstore.Micros(c.Own.HiddenBefore), each, viewer)
		if err != nil {
			return nil, err
		}
		slices.Reverse(list)
		all = append(all, list...)
	}
	return byChannel(all), s.FillMessages(ctx, all, sqlstore.MessageParts{Whole: true, Viewer: viewer, At: at})
}

// PinnedMessagesOf returns the pinned messages of each channel, the newest pins first.
func (s *Store) PinnedMessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int, at time.Time) (map[chat.CID][]chat.Message, error) {
	var all []chat.Message
	for _, c := range channels {
		list, err := s.messages(ctx, `c.cid = $1 AND m.pinned_at <> 0 AND m.created_at > $2 ORDER BY m.pinned_at DESC, m.seq DESC LIMIT $3`,
			c.CID.String(), sqlstore.Micros(c.Own.HiddenBefore), 2*each)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(m chat.Message) bool { return !m.PinnedNow(at) })
		all = append(all, list[:min(len(list), each)]...)
	}
	return byChannel(all), s.FillMessages(ctx, all, sqlstore.MessageParts{Whole: true, Viewer: viewer, At: at})
}

// byChannel groups messages by channel. The result shares the list's memory, so that later changes
// of its messages show in both.
func byChannel(list []chat.Message) map[chat.CID][]chat.Message {
	found := map[chat.CID][]chat.Message{}
	for begin := 0; begin < len(list); {
		end := begin + 1
		for end < len(list) && list[end].CID == list[begin].CID {
			end++
		}
		found[list[begin].CID] = list[begin:end:end]
		begin = end
	}
	return found
}

// SiblingsQuery selects messages of a channel, or replies to a message.
type SiblingsQuery struct {
	CID           chat.CID
	Parent        string // "" for the messages of the channel itself
	After, Before int64  // seq, both exclusive; 0 for no bound
	FromEnd       bool   // select the last ones, still oldest first
	Limit         int
}

// Siblings returns part of a channel's messages, or of the replies to a message, oldest first. If
// viewer isn't "", it excludes messages for other users.
func (s *Store) Siblings(ctx context.Context, q SiblingsQuery, viewer string, at time.Time) ([]chat.Message, error) {
	which := `c.cid = $1 AND NOT m.aside`
	key := q.CID.String()
	if q.Parent != "" {
		which, key = `m.parent = $1 AND m.parent <> ''`, q.Parent
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	order := "ASC"
	if q.FromEnd {
		order = "DESC"
	}
	list, err := s.messages(ctx, which+` AND m.seq > $2 AND m.seq < $3 AND (CAST($5 AS TEXT) = '' OR `+sqlstore.ShownTo("m", "$5")+`)
		ORDER BY m.seq `+order+` LIMIT $4`, key, q.After, q.Before, q.Limit, viewer)
	if err != nil {
		return nil, err
	}
	if q.FromEnd {
		slices.Reverse(list)
	}
	return list, s.FillMessages(ctx, list, sqlstore.MessageParts{Whole: true, Viewer: viewer, At: at})
}

// SeqBefore returns the seq of a channel's last message before a time, 0 if there is none. There is
// no index by time, since every send would have to maintain it. Seqs and times increase together,
// so a binary search needs few queries.
func (s *Store) SeqBefore(ctx context.Context, cid chat.CID, at time.Time) (int64, error) {
	rows, err := s.Query(ctx, `SELECT seq FROM channels WHERE cid = $1`, cid.String())
	above, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[int64])
	if err != nil {
		return 0, err
	}
	above++ // seqs from above on are too late; those up to below aren't
	below := int64(0)
	bound := at.Add(time.Microsecond - 1).UnixMicro() // the first whole microsecond that isn't earlier
	for above-below > 1 {
		middle := below + (above-below)/2
		rows, err := s.Query(ctx, `SELECT m.seq, m.created_at FROM messages m JOIN channels c ON c.no = m.channel
			WHERE c.cid = $1 AND m.seq >= $2 ORDER BY m.seq LIMIT 1`, cid.String(), middle)
		next, found, err := sqlstore.First(rows, err, scanPair)
		if err != nil {
			return 0, err
		}
		if found && next[1] < bound {
			below = next[0]
		} else {
			above = middle
		}
	}
	return below, nil
}

func scanPair(rows sqlstore.Row) (pair [2]int64, err error) {
	err = rows.Scan(&pair[0], &pair[1])
	return pair, err
}

// MessagesFrom returns some of a channel's messages after a number, oldest first, including replies
// and the remains of erased messages.
func (s *Store) MessagesFrom(ctx context.Context, cid chat.CID, after int64, at time.Time) ([]chat.Message, error) {
	list, err := s.messages(ctx, `c.cid = $1 AND m.seq > $2 ORDER BY m.seq LIMIT 200`, cid.String(), after)
	if err != nil {
		return nil, err
	}
	return list, s.FillMessages(ctx, list, sqlstore.MessageParts{Whole: true, At: at})
}
