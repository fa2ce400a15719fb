package sqlstore

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

const (
	// buriedText is the time at which the user $2 was deleted permanently, 0 if it wasn't.
	buriedText = `(SELECT COALESCE(MAX(t.deleted_at), 0) FROM tombstones t WHERE t.id = $2)`
	// One row for each restriction, or one row without.
	standingText = `SELECT c.frozen, COALESCE(u.role, ''), COALESCE(m.role, ''), c.disabled, c.cooldown,
		COALESCE(u.deactivated_at + u.deleted_at, ` + buriedText + `), COALESCE(r.kind, '')
		FROM channels c LEFT JOIN users u ON u.id = $2
		LEFT JOIN members m ON m.channel = c.no AND m.user_id = $2
		LEFT JOIN restrictions r ON r.user_id = $2 AND (r.channel = 0 OR r.channel = c.no) AND (r.until = 0 OR r.until > $3)
		WHERE c.cid = $1`
	restrictionsText = `SELECT kind FROM restrictions WHERE user_id = $1 AND channel = 0 AND (until = 0 OR until > $2)`
)

// Standing returns a user's standing in a channel at a time.
func (s *Store) Standing(ctx context.Context, cid chat.CID, user string, at time.Time) (chat.Standing, error) {
	rows, err := s.Query(ctx, standingText, cid.String(), user, Micros(at))
	list, err := Collect(rows, err, scanStanding)
	return standingOf(list), err
}

// Standing returns a user's standing in a channel at a time.
func (tx *Tx) Standing(cid chat.CID, user string, at time.Time) (chat.Standing, error) {
	c := cid.String()
	list, err := foreseenAll(tx, readKey{"standing", c, user}, scanStanding, standingText, c, user, Micros(at))
	return standingOf(list), err
}

// UserStanding returns a user's standing outside of channels at a time.
func (s *Store) UserStanding(ctx context.Context, user string, at time.Time) (chat.Standing, error) {
	rows, err := s.Query(ctx, `SELECT u.role, u.deactivated_at + u.deleted_at FROM users u WHERE u.id = $1
		UNION ALL SELECT '', t.deleted_at FROM tombstones t WHERE t.id = $1 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = $1)`, user)
	found, known, err := First(rows, err, func(rows Row) (s chat.Standing, err error) {
		var gone int64
		err = rows.Scan(&s.Role, &gone)
		s.Known, s.Gone = s.Role != "", gone != 0
		return s, err
	})
	if err != nil || !known {
		return chat.Standing{}, err
	}
	rows, err = s.Query(ctx, restrictionsText, user, Micros(at))
	kinds, err := Collect(rows, err, ScanValue[string])
	for _, k := range kinds {
		restrict(&found, k)
	}
	return found, err
}

type standingRow struct {
	chat.Standing
	kind string // of a restriction, "" for none
}

func scanStanding(rows Row) (r standingRow, err error) {
	var role string
	var gone int64
	err = rows.Scan(&r.Frozen, &r.Role, &role, &r.Shut, &r.Wait, &gone, &r.kind)
	r.Gone = gone != 0
	r.Exists, r.Known, r.Member, r.Leads = true, r.Role != "", role != "", role == chat.ChannelModerator
	return r, err
}

func standingOf(list []standingRow) (s chat.Standing) {
	if len(list) > 0 {
		s = list[0].Standing
	}
	for _, r := range list {
		restrict(&s, r.kind)
	}
	return s
}

func restrict(s *chat.Standing, kind string) {
	switch chat.RestrictionKind(kind) {
	case chat.Ban:
		s.Banned = true
	case chat.Mute:
		s.Muted = true
	case chat.Shadow:
		s.Shadow = true
	}
}

// MemberColumns are the columns of MemberTables that MemberScan reads.
const MemberColumns = `c.cid, f.user_id, f.role, f.custom, f.extra, f.added_at, f.updated_at, f.read_at, f.read_seq,
	f.pinned_at, f.archived_at, COALESCE(r.until, -1)`

// MemberTables are members f in channels c, with their bans r in the channel.
const MemberTables = `members f JOIN channels c ON c.no = f.channel
	LEFT JOIN restrictions r ON r.channel = f.channel AND r.user_id = f.user_id AND r.kind = 'ban'`

// Members returns up to one more member of a channel than the query's limit, ordered by id, and
// whether the channel exists.
func (s *Store) Members(ctx context.Context, q chat.MemberQuery, at time.Time) ([]chat.Member, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+MemberColumns+` FROM `+MemberTables+`
		WHERE c.cid = $1 AND f.user_id > $2 ORDER BY f.user_id LIMIT $3`, q.CID.String(), q.After, q.Limit+1)
	list, err := Collect(rows, err, MemberScan(at))
	if err != nil {
		return nil, false, err
	}
	if len(list) == 0 {
		_, found, err := s.channelNo(ctx, q.CID)
		return nil, found, err
	}
	users, err := s.usersByID(ctx, UserIDs(list))
	if err != nil {
		return nil, false, err
	}
	for i, m := range list {
		list[i].User = users[m.User.ID]
	}
	return list, true, nil
}

func (tx *Tx) addMember(m chat.Member) (bool, error) {
	custom, extra, err := memberData(m)
	if err != nil {
		return false, err
	}
	n, err := tx.Change(`INSERT INTO members (channel, user_id, role, custom, extra, added_at, read_seq)
		SELECT no, $2, $3, $4, $5, $6, 0 FROM channels WHERE cid = $1 ON CONFLICT (channel, user_id) DO NOTHING`,
		m.CID.String(), m.User.ID, m.Role, custom, extra, Micros(m.AddedAt))
	return tx.counted(m.CID, 1, n, err)
}

func memberData(m chat.Member) (custom, extra string, err error) {
	if custom, err = ToObject(m.Custom); err != nil {
		return "", "", err
	}
	extra, err = ToObject(m.MemberExtra)
	return custom, extra, err
}

func (tx *Tx) removeMember(cid chat.CID, user string) (bool, error) {
	n, err := tx.Change(`DELETE FROM members WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		cid.String(), user)
	return tx.counted(cid, -1, n, err)
}

// counted updates the number of a channel's members after a change.
func (tx *Tx) counted(cid chat.CID, step, changed int64, err error) (bool, error) {
	if err != nil || changed == 0 {
		return false, err
	}
	_, err = tx.Change(`UPDATE channels SET member_count = member_count + $2 WHERE cid = $1`, cid.String(), step)
	return true, err
}

// LastSent returns when a user last sent a message to a channel, zero for never.
func (tx *Tx) LastSent(cid chat.CID, user string) (time.Time, error) {
	at, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(m.created_at), 0) FROM messages m
		WHERE m.sender = $2 AND m.channel = (SELECT no FROM channels WHERE cid = $1)`, cid.String(), user)
	return Moment(at), err
}

// Participants returns which of the users are members of a channel or wrote in it.
func (tx *Tx) Participants(cid chat.CID, ids []string) (map[string]bool, error) {
	no, _, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM channels WHERE cid = $1`, cid.String())
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	for _, id := range ids {
		_, found, err := TxFirst(tx, ScanValue[int64], `SELECT 1 FROM members WHERE channel = $1 AND user_id = $2
			UNION ALL SELECT 1 FROM messages WHERE sender = $2 AND channel = $1 LIMIT 1`, no, id)
		if err != nil {
			return nil, err
		}
		if found {
			here[id] = true
		}
	}
	return here, nil
}

// OneMember is the query for a member by cid and user.
const OneMember = `SELECT ` + MemberColumns + ` FROM ` + MemberTables + ` WHERE c.cid = $1 AND f.user_id = $2`

// Member returns a member, without its user, and whether it exists.
func (tx *Tx) Member(cid chat.CID, user string, at time.Time) (chat.Member, bool, error) {
	return TxFirst(tx, MemberScan(at), OneMember, cid.String(), user)
}

func (tx *Tx) setMember(m chat.Member) error {
	custom, extra, err := memberData(m)
	if err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE members SET role = $3, custom = $4, extra = $5, updated_at = $6, pinned_at = $7, archived_at = $8
		WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		m.CID.String(), m.User.ID, m.Role, custom, extra, Micros(m.UpdatedAt), Micros(m.PinnedAt), Micros(m.ArchivedAt))
	return err
}

// UserIDs returns the user ids of members.
func UserIDs(list []chat.Member) []string {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.User.ID
	}
	return ids
}

// MemberScan returns a function that scans MemberColumns. Bans that ended before the given time are
// ignored.
func MemberScan(at time.Time) func(rows Row) (chat.Member, error) {
	return func(rows Row) (m chat.Member, err error) {
		var cid, custom, extra string
		var added, updated, read, pinned, archived, banned int64
		err = rows.Scan(&cid, &m.User.ID, &m.Role, &custom, &extra, &added, &updated, &read, &m.ReadSeq, &pinned, &archived, &banned)
		if err != nil {
			return m, err
		}
		m.CID = SplitCID(cid)
		m.AddedAt, m.UpdatedAt, m.ReadAt = Moment(added), Moment(updated), Moment(read)
		m.PinnedAt, m.ArchivedAt = Moment(pinned), Moment(archived)
		if m.Banned = banned == 0 || banned > Micros(at); m.Banned {
			m.BannedUntil = Moment(banned)
		}
		if err := FromObject(extra, &m.MemberExtra); err != nil {
			return m, err
		}
		return m, FromObject(custom, &m.Custom)
	}
}
