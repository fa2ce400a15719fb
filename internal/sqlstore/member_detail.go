package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

const memberDetailColumns = `c.cid, f.user_id, f.role, f.custom, f.extra, f.added_at, f.updated_at, f.read_at, f.read_seq,
	f.pinned_at, f.archived_at, COALESCE(r.until, -1)`

const memberDetailTables = `members f JOIN channels c ON c.no = f.channel
	LEFT JOIN restrictions r ON r.channel = f.channel AND r.user_id = f.user_id AND r.kind = 'ban'`

// memberNoun is what may be asked of members, which are f; u is the member as a
// user and c the channel.
func memberNoun(d dialect, at time.Time) noun {
	return noun{
		custom: "f.custom",
		others: map[string]string{"user.": "u.custom"},
		tie:    "f.added_at, f.user_id",
		fields: map[string]field{
			"id":           is(ofText, "f.user_id"),
			"user_id":      is(ofText, "f.user_id"),
			"name":         is(ofText, "u.name").folded("u.name_key"),
			"user.id":      is(ofText, "u.id"),
			"user.name":    is(ofText, "u.name").folded("u.name_key"),
			"user.role":    is(ofText, "u.role"),
			"channel_role": is(ofText, "f.role"),
			"is_moderator": is(ofFlag, "(f.role = '"+chat.ChannelModerator+"')"),
			"banned": {kind: ofFlag, expr: func(l *listing) string {
				return "(r.user_id IS NOT NULL AND (r.until = 0 OR r.until > " + l.bind(micros(at)) + "))"
			}},
			"created_at":      is(ofMoment, "f.added_at"),
			"updated_at":      is(ofMoment, "(CASE WHEN f.updated_at = 0 THEN f.added_at ELSE f.updated_at END)"),
			"pinned_at":       is(ofMoment, "f.pinned_at"),
			"archived_at":     is(ofMoment, "f.archived_at"),
			"last_active":     is(ofMoment, "f.read_at"),
			"cid":             is(ofText, "c.cid"),
			"joined":          is(ofFlag, joined(d)),
			"invite":          is(ofText, invite(d)),
			"invite_accepted": is(ofFlag, "("+d.jsonText("f.extra", "accepted_at")+" IS NOT NULL)"),
		},
	}
}

// SearchMembers returns those of a channel's members that match, in order.
// InvalidArguments: the filter or sort asks what can't be asked.
func (s *Store) SearchMembers(ctx context.Context, cid chat.CID, q chat.Listing, at time.Time) ([]chat.MemberDetail, error) {
	l := &listing{dialect: s.dialect, noun: memberNoun(s.dialect, at)}
	where, refused := l.where(q.Filter)
	if refused != nil {
		return nil, refused
	}
	order, refused := l.order(q.Sort)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+memberDetailColumns+` FROM `+memberDetailTables+` JOIN users u ON u.id = f.user_id
		WHERE c.cid = `+l.bind(cid.String())+` AND `+where+` ORDER BY `+order+` LIMIT `+l.bind(q.Limit)+` OFFSET `+l.bind(q.Offset),
		l.args...)
	list, err := collect(rows, err, memberScan(at))
	if err != nil {
		return nil, err
	}
	return list, s.fillMembers(ctx, list, at)
}

// MembersOf returns the first so many members of each of those channels, by the
// time that they were added.
func (s *Store) MembersOf(ctx context.Context, cids []chat.CID, each int, at time.Time) (map[chat.CID][]chat.MemberDetail, error) {
	var all []chat.MemberDetail
	for _, cid := range cids {
		rows, err := s.query(ctx, `SELECT `+memberDetailColumns+` FROM `+memberDetailTables+`
			WHERE c.cid = $1 ORDER BY f.added_at, f.user_id LIMIT $2`, cid.String(), each)
		list, err := collect(rows, err, memberScan(at))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if err := s.fillMembers(ctx, all, at); err != nil {
		return nil, err
	}
	found := make(map[chat.CID][]chat.MemberDetail, len(cids))
	for _, m := range all {
		found[m.CID] = append(found[m.CID], m)
	}
	return found, nil
}

// ReadStates returns how far those members have read who are among each channel's
// members given.
func (s *Store) ReadStates(ctx context.Context, members map[chat.CID][]chat.MemberDetail) (map[chat.CID]map[string]chat.ReadState, error) {
	states := make(map[chat.CID]map[string]chat.ReadState, len(members))
	for cid, list := range members {
		states[cid] = make(map[string]chat.ReadState, len(list))
		ids := make([]string, len(list))
		for i, m := range list {
			ids[i] = m.User.ID
		}
		for chunk := range chunks(ids) {
			marks, args := in(chunk, same)
			rows, err := s.query(ctx, `SELECT f.user_id, COALESCE((SELECT m.id FROM messages m WHERE m.channel = f.channel
				AND m.seq <= f.read_seq ORDER BY m.seq DESC LIMIT 1), ''), (SELECT COUNT(*) FROM (SELECT 1 FROM messages m
				WHERE m.channel = f.channel AND m.seq > f.read_seq AND m.sender <> f.user_id AND m.deleted_at = 0 AND NOT m.aside
				AND `+shownTo("m", "f.user_id")+`
				LIMIT `+strconv.Itoa(chat.MaxUnread)+`) unread)
				FROM members f WHERE f.user_id IN `+marks+` AND f.channel = (SELECT no FROM channels WHERE cid = $`+
				strconv.Itoa(len(args)+1)+`)`, append(args, cid.String())...)
			found, err := collect(rows, err, scanReadState)
			if err != nil {
				return nil, err
			}
			for _, r := range found {
				states[cid][r.user] = r.ReadState
			}
		}
	}
	return states, nil
}

type readState struct {
	user string
	chat.ReadState
}

func scanReadState(rows *sql.Rows) (r readState, err error) {
	err = rows.Scan(&r.user, &r.LastRead, &r.Unread)
	return r, err
}

// Membership returns one member, and whether there is one.
func (s *Store) Membership(ctx context.Context, cid chat.CID, user string, at time.Time) (chat.MemberDetail, bool, error) {
	rows, err := s.query(ctx, oneMember, cid.String(), user)
	list, err := collect(rows, err, memberScan(at))
	if err != nil || len(list) == 0 {
		return chat.MemberDetail{}, false, err
	}
	return list[0], true, s.fillMembers(ctx, list, at)
}

const oneMember = `SELECT ` + memberDetailColumns + ` FROM ` + memberDetailTables + ` WHERE c.cid = $1 AND f.user_id = $2`

// MemberDetail returns one member, without what is known of it as a user, and
// whether there is one.
func (tx *Tx) MemberDetail(cid chat.CID, user string, at time.Time) (chat.MemberDetail, bool, error) {
	return txFirst(tx, memberScan(at), oneMember, cid.String(), user)
}

// SetMemberDetail stores what is known of a member, but how far it has read.
func (tx *Tx) SetMemberDetail(m chat.MemberDetail) error {
	custom, err := toObject(m.Custom)
	if err != nil {
		return err
	}
	extra, err := toObject(m.MemberExtra)
	if err != nil {
		return err
	}
	_, err = tx.change(`UPDATE members SET role = $3, custom = $4, extra = $5, updated_at = $6, pinned_at = $7, archived_at = $8
		WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		m.CID.String(), m.User.ID, m.Role, custom, extra, micros(m.UpdatedAt), micros(m.PinnedAt), micros(m.ArchivedAt))
	return err
}

func (s *Store) fillMembers(ctx context.Context, list []chat.MemberDetail, at time.Time) error {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.User.ID
	}
	users, err := s.UsersByID(ctx, ids, at)
	if err != nil {
		return err
	}
	for i, m := range list {
		list[i].User = users[m.User.ID]
	}
	return nil
}

func memberScan(at time.Time) func(rows *sql.Rows) (chat.MemberDetail, error) {
	return func(rows *sql.Rows) (m chat.MemberDetail, err error) {
		var cid, custom, extra string
		var added, updated, read, pinned, archived, banned int64
		err = rows.Scan(&cid, &m.User.ID, &m.Role, &custom, &extra, &added, &updated, &read, &m.ReadSeq, &pinned, &archived, &banned)
		if err != nil {
			return m, err
		}
		m.CID = splitCID(cid)
		m.AddedAt, m.UpdatedAt, m.ReadAt = moment(added), moment(updated), moment(read)
		m.PinnedAt, m.ArchivedAt = moment(pinned), moment(archived)
		if m.Banned = banned == 0 || banned > micros(at); m.Banned {
			m.BannedUntil = moment(banned)
		}
		if err := fromObject(extra, &m.MemberExtra); err != nil {
			return m, err
		}
		return m, fromObject(custom, &m.Custom)
	}
}
