package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// searchableChannels describes the fields of channels. In SQL, c is the channel and o the viewer's
// settings of it.
func searchableChannels(d dialect, at time.Time) searchable {
	own := func(kind fieldKind, null bool, before, after string) field {
		return field{kind: kind, null: null, expr: func(l *statement) string { return before + l.bind(l.viewer) + after }}
	}
	const mine = " FROM members f WHERE f.channel = c.no AND f.user_id = "
	unread := " JOIN messages m ON m.channel = f.channel AND m.seq > f.read_seq AND m.sender <> f.user_id AND m.deleted_at = 0 AND " + sqlstore.ShownTo("m", "f.user_id") +
		" WHERE f.channel = c.no AND f.user_id = "
	members := is(ofSet, "SELECT f.user_id AS e FROM members f WHERE f.channel = c.no")
	members.holds = func(ids string) string {
		return "c.no IN (SELECT f.channel FROM members f WHERE f.user_id IN " + ids + ")"
	}
	return searchable{
		custom: "c.custom",
		tie:    "c.cid",
		fields: map[string]field{
			"cid":             is(ofText, "c.cid"),
			"id":              is(ofText, "c.id"),
			"type":            is(ofText, "c.type"),
			"name":            is(ofText, "c.name").folded("c.name_text").sorted("c.name_key"),
			"image":           is(ofText, "c.avatar"),
			"team":            perhaps(ofText, d.jsonText("c.extra", "team")),
			"created_by_id":   is(ofText, "c.created_by"),
			"frozen":          is(ofFlag, "c.frozen"),
			"disabled":        is(ofFlag, "c.disabled"),
			"member_count":    is(ofNumber, "c.member_count"),
			"message_count":   is(ofNumber, "c.message_count"),
			"created_at":      is(ofMoment, "c.created_at"),
			"updated_at":      is(ofMoment, "c.updated_at"),
			"last_message_at": is(ofMoment, "c.last_message_at"),
			"last_updated":    is(ofMoment, "(CASE WHEN c.last_message_at > c.created_at THEN c.last_message_at ELSE c.created_at END)"),
			"members":         members,
			"member.user.name": is(ofSet, "SELECT u.name AS e, u.name_text AS e_key FROM members f JOIN users u ON u.id = f.user_id"+
				" WHERE f.channel = c.no").folded("e_key"),
			"filter_tags": is(ofSet, d.jsonTexts("c.extra", "filter_tags")),
			"app_banned": {kind: ofText, expr: func(l *statement) string {
				return "(CASE WHEN c.member_count = 2 AND EXISTS (SELECT 1 FROM members f JOIN restrictions r ON r.user_id = f.user_id" +
					" AND r.channel = 0 AND r.kind = 'ban' AND (r.until = 0 OR r.until > " + l.bind(sqlstore.Micros(at)) +
					") WHERE f.channel = c.no) THEN 'only' ELSE 'excluded' END)"
			}},
			"hidden": perhaps(ofFlag, "o.hidden"),
			"muted": {kind: ofFlag, null: true, expr: func(l *statement) string {
				return "(o.muted AND (o.muted_until = 0 OR o.muted_until > " + l.bind(sqlstore.Micros(at)) + "))"
			}},
			"joined":       own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND "+joined(d)+")"),
			"pinned":       own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND f.pinned_at <> 0)"),
			"archived":     own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND f.archived_at <> 0)"),
			"pinned_at":    own(ofMoment, true, "(SELECT f.pinned_at"+mine, ")"),
			"archived_at":  own(ofMoment, true, "(SELECT f.archived_at"+mine, ")"),
			"has_unread":   own(ofFlag, false, "EXISTS (SELECT 1 FROM members f"+unread, ")"),
			"unread_count": own(ofNumber, false, "(SELECT COUNT(*) FROM members f"+unread, ")"),
			"invite":       own(ofText, true, "(SELECT "+invite(d)+mine, ")"),
		},
	}
}

// invite is SQL for the state of member f's invitation: 'accepted', 'rejected', 'pending', or empty if
// the member was added without one.
func invite(d dialect) string {
	return "(CASE WHEN " + d.jsonText("f.extra", "accepted_at") + " IS NOT NULL THEN 'accepted' WHEN " +
		d.jsonText("f.extra", "rejected_at") + " IS NOT NULL THEN 'rejected' WHEN " +
		d.jsonText("f.extra", "invited") + " IS NOT NULL THEN 'pending' ELSE '' END)"
}

// joined is SQL for whether the member f was added without an invitation or accepted it.
func joined(d dialect) string { return "(" + invite(d) + " IN ('', 'accepted'))" }

// SearchChannels returns the channels that match, in order. Avatar holds the file's name.
// InvalidArguments: the filter or sort isn't supported.
func (s *Store) SearchChannels(ctx context.Context, q ChannelSearch, at time.Time) ([]chat.Channel, error) {
	text, args, refused := channelSearch(s.dialect, q, at)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, text, args...)
	list, err := sqlstore.Collect(rows, err, sqlstore.ChannelScanner())
	if err != nil {
		return nil, err
	}
	return list, s.FillSettings(ctx, list, q.Viewer)
}

func channelSearch(d dialect, q ChannelSearch, at time.Time) (text string, args []any, refused *chat.Error) {
	l := &statement{dialect: d, searchable: searchableChannels(d, at), viewer: q.Viewer}
	viewer := l.bind(q.Viewer)
	condition := ""
	if q.Viewer != "" && !q.Filter.Asks("hidden") {
		condition = "(NOT COALESCE(o.hidden, FALSE))"
	}
	if len(q.Sort) == 0 {
		q.Sort = []Sort{{Field: "last_updated", Down: true}}
	}
	rest, refused := l.rest(condition, q.Search)
	if refused != nil {
		return "", nil, refused
	}
	return `SELECT ` + sqlstore.ChannelColumns + ` FROM channels c
		LEFT JOIN channel_settings o ON o.channel = c.no AND o.user_id = ` + viewer + rest, l.args, nil
}
