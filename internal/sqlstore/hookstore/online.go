package hookstore

import (
	"context"
	"strconv"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const (
	onlineLease = "online "
	onlineTime  = 15 * time.Second
)

// Member is a member of a channel, with what decides whether it may read.
type Member struct {
	UserID string
	chat.Standing
}

// Unread returns the members of a message's channel, except its sender, who haven't read it, with
// their standings at a time. They are ordered by id and start after one, up to the limit.
func (w Webhooks) Unread(ctx context.Context, m chat.Message, after string, limit int, at time.Time) ([]Member, error) {
	rows, err := w.store.Query(ctx, `SELECT f.user_id, f.role, c.disabled, COALESCE(u.role, ''), COALESCE(u.deactivated_at + u.deleted_at, 0),
		(SELECT COUNT(*) FROM restrictions r WHERE r.user_id = f.user_id AND r.channel IN (0, c.no) AND r.kind = 'ban' AND (r.until = 0 OR r.until > $6))
		FROM members f JOIN channels c ON c.no = f.channel LEFT JOIN users u ON u.id = f.user_id
		WHERE c.cid = $1 AND f.read_seq < $2 AND f.user_id <> $3 AND f.user_id > $4 ORDER BY f.user_id LIMIT $5`,
		m.CID.String(), m.Seq, m.Sender.ID, after, limit, sqlstore.Micros(at))
	return sqlstore.Collect(rows, err, func(rows sqlstore.Row) (m Member, err error) {
		var role string
		var gone, bans int64
		err = rows.Scan(&m.UserID, &role, &m.Shut, &m.Role, &gone, &bans)
		m.Exists, m.Member, m.Known = true, true, m.Role != ""
		m.Leads, m.Gone, m.Banned = role == chat.ChannelModerator, gone != 0, bans > 0
		return m, err
	})
}

// Online returns which of the users are connected to another server with this database.
func (w Webhooks) Online(ctx context.Context, ids []string) (map[string]bool, error) {
	online := map[string]bool{}
	if w.store.OnSQLite {
		return online, nil
	}
	for chunk := range sqlstore.Chunks(ids) {
		marks, args := sqlstore.In(chunk, func(id string) any { return id })
		rows, err := w.store.Query(ctx, `SELECT o.user_id FROM online_users o JOIN leases l ON l.name = '`+onlineLease+`' || o.node
			WHERE l.until > `+w.store.Clock()+` AND o.user_id IN `+marks, args...)
		list, err := sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
		if err != nil {
			return nil, err
		}
		for _, id := range list {
			online[id] = true
		}
	}
	return online, nil
}

// SetOnline stores who has connected to this server and who has disconnected, and that the server
// is running. It removes servers that aren't.
func (w Webhooks) SetOnline(ctx context.Context, came, left []string) error {
	node := w.store.Hints.Node()
	return w.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if _, _, err := tx.TakeLease(onlineLease+node, node, onlineTime); err != nil {
			return err
		}
		for _, id := range came {
			if err := change(tx, `INSERT INTO online_users (user_id, node) VALUES ($1, $2) ON CONFLICT (user_id, node) DO NOTHING`, id, node); err != nil {
				return err
			}
		}
		for _, id := range left {
			if err := change(tx, `DELETE FROM online_users WHERE user_id = $1 AND node = $2`, id, node); err != nil {
				return err
			}
		}
		gone := `(SELECT name FROM leases WHERE name LIKE '` + onlineLease + `%' AND until <= ` + w.store.Clock() + ` - ` + strconv.FormatInt(time.Minute.Microseconds(), 10) + `)`
		for _, text := range []string{
			`DELETE FROM online_users WHERE '` + onlineLease + `' || node IN ` + gone,
			`DELETE FROM leases WHERE name IN ` + gone,
		} {
			if _, err := tx.Change(text); err != nil {
				return err
			}
		}
		return nil
	})
}
