package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// searchableMessages describes the fields of messages. In SQL, m is the message.
func searchableMessages(d dialect, at time.Time) searchable {
	attachments := "(CASE WHEN m.attachments = '' THEN '[]' ELSE m.attachments END)"
	mentions := "(CASE WHEN m.mentions = '' THEN '[]' ELSE m.mentions END)"
	replies := func(what string) string {
		return "(SELECT " + what + " FROM messages r WHERE r.parent = m.id AND r.parent <> '' AND r.deleted_at = 0)"
	}
	return searchable{
		custom: "m.custom",
		tie:    "m.created_at DESC, m.seq DESC, m.id",
		fields: map[string]field{
			"id":                 is(ofText, "m.id"),
			"text":               is(ofText, "m.text").folded("(CASE WHEN m.text_key = '' THEN lower(m.text) ELSE m.text_key END)"),
			"type":               is(ofText, "(CASE WHEN m.parent = '' THEN 'regular' ELSE 'reply' END)"),
			"parent_id":          is(ofText, "m.parent"),
			"user.id":            is(ofText, "m.sender"),
			"user_id":            is(ofText, "m.sender"),
			"reply_count":        is(ofNumber, replies("COUNT(*)")),
			"attachments":        is(ofSet, d.jsonItems(attachments)),
			"attachments.type":   is(ofSet, d.jsonItems(attachments)),
			"mentioned_users.id": is(ofSet, d.jsonItems(mentions)),
			"created_at":         is(ofMoment, "m.created_at"),
			"updated_at":         is(ofMoment, "(CASE WHEN m.updated_at = 0 THEN m.created_at ELSE m.updated_at END)"),
			"pinned": {kind: ofFlag, expr: func(l *statement) string {
				return "(m.pinned_at <> 0 AND (m.pin_expires = 0 OR m.pin_expires > " + l.bind(sqlstore.Micros(at)) + "))"
			}},
		},
	}
}

// SearchMessages returns the messages that match in the channels that match, newest first by
// default, except deleted messages and system messages. InvalidArguments: a filter or the sort
// isn't supported.
//
// A search reads every message of those channels, so its time is proportional to their number.
func (s *Store) SearchMessages(ctx context.Context, channels Filter, q Search, at time.Time) ([]chat.Message, error) {
	l := &statement{dialect: s.dialect, searchable: searchableChannels(s.dialect, at)}
	nobody := l.bind("")
	where, refused := l.where(channels)
	if refused != nil {
		return nil, refused
	}
	l.searchable = searchableMessages(s.dialect, at)
	rest, refused := l.rest(`m.deleted_at = 0 AND m.type <> 'system' AND m.channel IN (
		SELECT c.no FROM channels c LEFT JOIN channel_settings o ON o.channel = c.no AND o.user_id = `+nobody+` WHERE `+where+`)`, q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+sqlstore.MessageColumns+` FROM `+sqlstore.MessageTables+rest, l.args...)
	list, err := sqlstore.Collect(rows, err, sqlstore.MessageScanner())
	if err != nil {
		return nil, err
	}
	return list, s.FillMessages(ctx, list, sqlstore.MessageParts{Whole: true, At: at})
}
