package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

const (
	standingText = `SELECT c.no, c.frozen, COALESCE(u.role, ''), COALESCE(m.role, ''), c.extra,
		COALESCE(u.deactivated_at + u.deleted_at, 0)
		FROM channels c LEFT JOIN users u ON u.id = $2
		LEFT JOIN members m ON m.channel = c.no AND m.user_id = $2 WHERE c.cid = $1`
	restrictionsText = `SELECT kind FROM restrictions
		WHERE user_id = $1 AND (channel = 0 OR channel = $2) AND (until = 0 OR until > $3)`
)

// Standing returns a user's standing in a channel at a moment.
func (s *Store) Standing(ctx context.Context, cid chat.CID, user string, at time.Time) (chat.Standing, error) {
	rows, err := s.query(ctx, standingText, cid.String(), user)
	found, _, err := first(rows, err, scanStanding)
	if err != nil || !found.Exists {
		return found.Standing, err
	}
	rows, err = s.query(ctx, restrictionsText, user, found.channel, micros(at))
	kinds, err := collect(rows, err, scanValue[string])
	return found.restricted(kinds), err
}

// Standing returns a user's standing in a channel at a moment.
func (tx *Tx) Standing(cid chat.CID, user string, at time.Time) (chat.Standing, error) {
	found, _, err := txFirst(tx, scanStanding, standingText, cid.String(), user)
	if err != nil || !found.Exists {
		return found.Standing, err
	}
	kinds, err := txCollect(tx, scanValue[string], restrictionsText, user, found.channel, micros(at))
	return found.restricted(kinds), err
}

type standingRow struct {
	chat.Standing
	channel int64
}

func scanStanding(rows *sql.Rows) (r standingRow, err error) {
	var role, text string
	var gone int64
	err = rows.Scan(&r.channel, &r.Frozen, &r.Role, &role, &text, &gone)
	if err != nil {
		return r, err
	}
	var extra chat.ChannelExtra
	err = fromObject(text, &extra)
	r.Shut, r.Gone = extra.Disabled, gone != 0
	r.Exists, r.Known, r.Member, r.Leads = true, r.Role != "", role != "", role == chat.ChannelModerator
	return r, err
}

func (r standingRow) restricted(kinds []string) chat.Standing {
	for _, k := range kinds {
		switch chat.RestrictionKind(k) {
		case chat.Ban:
			r.Banned = true
		case chat.Mute:
			r.Muted = true
		case chat.Shadow:
			r.Shadow = true
		}
	}
	return r.Standing
}

// Members returns up to one more of a channel's members by id than the query's limit,
// and whether there is such a channel.
func (s *Store) Members(ctx context.Context, q chat.MemberQuery) ([]chat.Member, bool, error) {
	no, found, err := s.channelNo(ctx, q.CID)
	if err != nil || !found {
		return nil, found, err
	}
	rows, err := s.query(ctx, `SELECT u.id, u.name, u.role, u.created_at, u.updated_at, m.added_at, m.read_seq
		FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.channel = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3`, no, q.After, q.Limit+1)
	list, err := collect(rows, err, scanMember)
	return list, true, err
}

// AddMember makes a user a member and reports whether it wasn't one.
func (tx *Tx) AddMember(cid chat.CID, user string, at time.Time) (bool, error) {
	n, err := tx.change(`INSERT INTO members (channel, user_id, added_at, read_seq)
		SELECT no, $2, $3, 0 FROM channels WHERE cid = $1 ON CONFLICT (channel, user_id) DO NOTHING`,
		cid.String(), user, micros(at))
	return tx.counted(cid, 1, n, err)
}

// RemoveMember ends a membership and reports whether there was one.
func (tx *Tx) RemoveMember(cid chat.CID, user string) (bool, error) {
	n, err := tx.change(`DELETE FROM members WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		cid.String(), user)
	return tx.counted(cid, -1, n, err)
}

// counted keeps the number of a channel's members where one came or went.
func (tx *Tx) counted(cid chat.CID, step, changed int64, err error) (bool, error) {
	if err != nil || changed == 0 {
		return false, err
	}
	_, err = tx.change(`UPDATE channels SET member_count = member_count + $2 WHERE cid = $1`, cid.String(), step)
	return true, err
}

// LastSent is when a user last sent a message to a channel, zero for never.
func (tx *Tx) LastSent(cid chat.CID, user string) (time.Time, error) {
	at, _, err := txFirst(tx, scanValue[int64], `SELECT COALESCE(MAX(m.created_at), 0) FROM messages m
		WHERE m.sender = $2 AND m.channel = (SELECT no FROM channels WHERE cid = $1)`, cid.String(), user)
	return moment(at), err
}

// MarkRead notes how far a member has read, 0 for all there is. It reports
// whether that is farther than before.
func (tx *Tx) MarkRead(cid chat.CID, user string, seq int64, at time.Time) (reached int64, moved bool, err error) {
	return returning(tx, scanValue[int64], `UPDATE members SET read_seq = goal.seq, read_at = $4
		FROM (SELECT no, CASE WHEN $3 = CAST(0 AS BIGINT) OR $3 > seq THEN seq ELSE $3 END AS seq FROM channels WHERE cid = $1) AS goal
		WHERE channel = goal.no AND user_id = $2 AND read_seq < goal.seq RETURNING read_seq`, cid.String(), user, seq, micros(at))
}

// MarkUnread notes that a member has read no farther than a seq, and reports
// whether there is such a member.
func (tx *Tx) MarkUnread(cid chat.CID, user string, seq int64) (bool, error) {
	n, err := tx.change(`UPDATE members SET read_seq = $3 WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		cid.String(), user, seq)
	return n > 0, err
}

// UnreadChannels returns the channels in which a member has not read all there is.
func (tx *Tx) UnreadChannels(user string) ([]chat.CID, error) {
	return txCollect(tx, scanCID, `SELECT c.cid FROM members f JOIN channels c ON c.no = f.channel
		WHERE f.user_id = $1 AND f.read_seq < c.seq`, user)
}

func scanCID(rows *sql.Rows) (chat.CID, error) {
	text, err := scanValue[string](rows)
	return splitCID(text), err
}

func scanMember(rows *sql.Rows) (m chat.Member, err error) {
	var created, updated, added int64
	err = rows.Scan(&m.User.ID, &m.User.Name, &m.User.Role, &created, &updated, &added, &m.ReadSeq)
	m.User.CreatedAt, m.User.UpdatedAt, m.AddedAt = moment(created), moment(updated), moment(added)
	return m, err
}
