package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Unread is how much of a channel a member hasn't read.
type Unread struct {
	CID      chat.CID
	Team     string
	Count    int64 // messages of others
	LastRead time.Time
}

// MaxUnreadChannels is the maximum number of channels for which one answer counts unread messages.
const MaxUnreadChannels = 500

// Unread returns the channels that have unread messages, by member, newest first.
func (s *Store) Unread(ctx context.Context, users []string) (map[string][]Unread, error) {
	found := make(map[string][]Unread, len(users))
	for _, user := range users {
		rows, err := s.Query(ctx, `SELECT c.cid, c.extra, m.read_at, m.added_at, (SELECT COUNT(*) FROM messages u
				WHERE u.channel = m.channel AND u.seq > m.read_seq AND u.sender <> m.user_id AND u.deleted_at = 0 AND NOT u.aside
				AND `+sqlstore.ShownTo("u", "m.user_id")+`
				AND u.created_at >= m.added_at) AS unread
			FROM members m JOIN channels c ON c.no = m.channel
			WHERE m.user_id = $1 AND m.read_seq < c.seq AND c.last_message_at > 0
			ORDER BY c.last_message_at DESC, c.no LIMIT $2`, user, MaxUnreadChannels)
		list, err := sqlstore.Collect(rows, err, scanUnread)
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			if u.Count > 0 {
				found[user] = append(found[user], u)
			}
		}
	}
	return found, nil
}

func scanUnread(rows sqlstore.Row) (u Unread, err error) {
	var cid, extra string
	var read, added int64
	if err = rows.Scan(&cid, &extra, &read, &added, &u.Count); err != nil {
		return u, err
	}
	u.CID, u.LastRead = sqlstore.SplitCID(cid), sqlstore.Moment(read)
	if read == 0 {
		u.LastRead = sqlstore.Moment(added)
	}
	var channel chat.ChannelExtra
	err = sqlstore.FromObject(extra, &channel)
	u.Team = channel.Team
	return u, err
}
