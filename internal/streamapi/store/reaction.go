package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// searchableReactions describes the fields of reactions. In SQL, r is the reaction.
var searchableReactions = searchable{
	custom: "r.custom",
	tie:    "r.created_at DESC, r.user_id, r.type",
	fields: map[string]field{
		"type":          is(ofText, "r.type"),
		"reaction_type": is(ofText, "r.type"),
		"user_id":       is(ofText, "r.user_id"),
		"score":         is(ofNumber, "r.score"),
		"created_at":    is(ofMoment, "r.created_at"),
		"updated_at":    is(ofMoment, "(CASE WHEN r.updated_at = 0 THEN r.created_at ELSE r.updated_at END)"),
	},
}

// SearchReactions returns the reactions to a message that match, newest first by default.
func (s *Store) SearchReactions(ctx context.Context, message string, q Search, at time.Time) ([]chat.Reaction, error) {
	l := &statement{dialect: s.dialect, searchable: searchableReactions}
	rest, refused := l.rest("r.message = "+l.bind(message), q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+sqlstore.ReactionColumns+` FROM reactions r`+rest, l.args...)
	list, err := sqlstore.Collect(rows, err, sqlstore.ScanReaction)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.User.ID
	}
	users, err := s.UsersByID(ctx, ids, at)
	if err != nil {
		return nil, err
	}
	for i, r := range list {
		list[i].User = users[r.User.ID]
	}
	return list, nil
}
