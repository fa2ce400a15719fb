package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// searchableMembers describes the fields of members. In SQL, f is the member, u its user and c the
// channel.
func searchableMembers(d dialect, at time.Time) searchable {
	return searchable{
		custom: "f.custom",
		others: map[string]string{"user.": "u.custom"},
		tie:    "f.added_at, f.user_id",
		fields: map[string]field{
			"id":           is(ofText, "f.user_id"),
			"user_id":      is(ofText, "f.user_id"),
			"name":         is(ofText, "u.name").folded("u.name_text").sorted("u.name_key"),
			"user.id":      is(ofText, "u.id"),
			"user.name":    is(ofText, "u.name").folded("u.name_text").sorted("u.name_key"),
			"user.role":    is(ofText, "u.role"),
			"channel_role": is(ofText, "f.role"),
			"is_moderator": is(ofFlag, "(f.role = '"+chat.ChannelModerator+"')"),
			"banned": {kind: ofFlag, expr: func(l *statement) string {
				return "(r.user_id IS NOT NULL AND (r.until = 0 OR r.until > " + l.bind(sqlstore.Micros(at)) + "))"
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

// SearchMembers returns the members of a channel that match, in order. InvalidArguments: the filter
// or sort isn't supported.
func (s *Store) SearchMembers(ctx context.Context, cid chat.CID, q Search, at time.Time) ([]chat.Member, error) {
	l := &statement{dialect: s.dialect, searchable: searchableMembers(s.dialect, at)}
	rest, refused := l.rest("c.cid = "+l.bind(cid.String()), q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+sqlstore.MemberColumns+` FROM `+sqlstore.MemberTables+` JOIN users u ON u.id = f.user_id`+rest, l.args...)
	list, err := sqlstore.Collect(rows, err, sqlstore.MemberScan(at))
	if err != nil {
		return nil, err
	}
	return list, s.fillMembers(ctx, list, at)
}
