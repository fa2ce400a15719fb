package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// RestrictionSearch selects bans and shadow bans by any of their fields.
type RestrictionSearch struct {
	Search
	Current bool // exclude expired ones
}

// searchableBans describes the fields of bans. In SQL, r is the ban and c its channel.
func searchableBans() searchable {
	return searchable{
		tie: "r.created_at, r.user_id, r.channel, r.kind",
		fields: map[string]field{
			"user_id":      is(ofText, "r.user_id"),
			"channel_cid":  perhaps(ofText, "c.cid"),
			"banned_by_id": is(ofText, "r.made_by"),
			"reason":       is(ofText, "r.reason"),
			"shadow":       is(ofFlag, "(r.kind = 'shadow')"),
			"created_at":   is(ofMoment, "r.created_at"),
			"expires":      is(ofMoment, "r.until"),
		},
	}
}

// SearchBans returns the bans and shadow bans that match, in order. InvalidArguments: the
// filter or sort isn't supported.
func (s *Store) SearchBans(ctx context.Context, q RestrictionSearch, at time.Time) ([]chat.Restriction, error) {
	l := &statement{dialect: s.dialect, searchable: searchableBans()}
	condition := `r.kind IN ('ban', 'shadow') AND (r.channel = 0 OR c.no IS NOT NULL)`
	if q.Current {
		condition += ` AND (r.until = 0 OR r.until > ` + l.bind(sqlstore.Micros(at)) + `)`
	}
	rest, refused := l.rest(condition, q.Search)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT r.user_id, COALESCE(c.cid, ''), r.kind, r.until, r.made_by, r.reason, r.created_at
		FROM restrictions r LEFT JOIN channels c ON c.no = r.channel`+rest, l.args...)
	return sqlstore.Collect(rows, err, sqlstore.ScanRestriction)
}
