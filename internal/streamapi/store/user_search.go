package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// searchableUsers describes the fields of users. In SQL, u is the user.
func searchableUsers(d dialect, at time.Time) searchable {
	restricted := func(kind string) field {
		return field{kind: ofFlag, expr: func(l *statement) string {
			return "EXISTS (SELECT 1 FROM restrictions r WHERE r.user_id = u.id AND r.channel = 0 AND r.kind = '" + kind +
				"' AND (r.until = 0 OR r.until > " + l.bind(sqlstore.Micros(at)) + "))"
		}}
	}
	return searchable{
		custom: "u.custom",
		tie:    "u.created_at DESC, u.id",
		fields: map[string]field{
			"id":             is(ofText, "u.id"),
			"name":           is(ofText, "u.name").folded("u.name_text").sorted("u.name_key"),
			"role":           is(ofText, "u.role"),
			"language":       perhaps(ofText, d.jsonText("u.extra", "language")),
			"image":          perhaps(ofText, d.jsonText("u.extra", "image")),
			"username":       perhaps(ofText, d.jsonText("u.custom", "username")),
			"teams":          is(ofSet, d.jsonTexts("u.extra", "teams")),
			"banned":         restricted("ban"),
			"shadow_banned":  restricted("shadow"),
			"created_at":     is(ofMoment, "u.created_at"),
			"updated_at":     is(ofMoment, "u.updated_at"),
			"deactivated_at": is(ofMoment, "u.deactivated_at"),
			"deleted_at":     is(ofMoment, "u.deleted_at"),
			// Presence isn't kept in the database.
			"last_active": is(ofMoment, "u.updated_at"),
		},
	}
}

// SearchUsers returns the users that match, in order, except for those deleted permanently.
// InvalidArguments: the filter or sort isn't supported.
func (s *Store) SearchUsers(ctx context.Context, q UserSearch, at time.Time) ([]chat.User, error) {
	l := &statement{dialect: s.dialect, searchable: searchableUsers(s.dialect, at)}
	condition := "u.deleted_at = 0"
	if !q.Deactivated {
		condition += " AND u.deactivated_at = 0"
	}
	rest, refused := l.rest(condition, q.Search)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+sqlstore.UserColumns+` FROM users u`+rest, l.args...)
	list, err := sqlstore.Collect(rows, err, sqlstore.ScanUser)
	if err != nil {
		return nil, err
	}
	return list, s.FillUsers(ctx, list, at)
}
