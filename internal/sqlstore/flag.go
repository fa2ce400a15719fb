package sqlstore

import (
	"context"

	"backchannel/internal/chat"
)

// flagNoun is what may be asked of flags, which are f, of messages, which are m, in
// the channels c.
func flagNoun(d dialect) noun {
	return noun{
		custom: "f.custom",
		tie:    "f.created_at DESC, f.message, f.target, f.user_id",
		fields: map[string]field{
			"item_id":           is(ofText, "f.item"),
			"user_id":           is(ofText, "f.user_id"),
			"message_id":        is(ofText, "f.message"),
			"entity_id":         is(ofText, "(CASE WHEN f.message = '' THEN f.target ELSE f.message END)"),
			"entity_type":       is(ofText, "(CASE WHEN f.message = '' THEN '"+chat.UserEntity+"' ELSE '"+chat.MessageEntity+"' END)"),
			"entity_creator_id": is(ofText, flagTarget),
			"channel_cid":       perhaps(ofText, "c.cid"),
			"team":              perhaps(ofText, d.jsonText("c.extra", "team")),
			"reason":            is(ofText, "f.reason"),
			"is_reviewed":       is(ofFlag, "FALSE"), // nobody can say so here
			"created_at":        is(ofMoment, "f.created_at"),
			"updated_at":        is(ofMoment, "f.updated_at"),
		},
	}
}

const (
	flagTarget  = `COALESCE(m.sender, f.target)`
	flagColumns = `f.item, f.user_id, f.message, ` + flagTarget + `, COALESCE(c.cid, ''), f.reason, f.custom, f.created_at, f.updated_at`
	flagTables  = `flags f LEFT JOIN messages m ON m.id = f.message LEFT JOIN channels c ON c.no = f.channel`
)

// SearchFlags returns the flags that match, in order, the newest first where nothing
// else is asked. InvalidArguments: the filter or sort asks what can't be asked.
func (s *Store) SearchFlags(ctx context.Context, q chat.FlagSearch) ([]chat.Flag, error) {
	l := &listing{dialect: s.dialect, noun: flagNoun(s.dialect)}
	condition := `(f.message = '' OR m.id IS NOT NULL)`
	if q.OfMessages {
		condition += ` AND f.message <> ''`
	}
	if !q.Deleted {
		condition += ` AND COALESCE(m.deleted_at, 0) = 0`
	}
	rest, refused := l.rest(condition, q.Listing)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+flagColumns+` FROM `+flagTables+rest, l.args...)
	return collect(rows, err, scanFlag)
}

// CountFlags counts the flags against a user and what it sent; those of messages or
// of users only, where the kind says so.
func (s *Store) CountFlags(ctx context.Context, target, kind string) (int64, error) {
	rows, err := s.query(ctx, `SELECT COUNT(*) FROM `+flagTables+` WHERE `+flagTarget+` = $1
		AND ($2 = '' OR ($2 = '`+chat.MessageEntity+`') = (f.message <> ''))`, target, kind)
	n, _, err := first(rows, err, scanValue[int64])
	return n, err
}

// FlagItem returns the id that the flags of a message or user share, "" for none.
func (tx *Tx) FlagItem(f chat.Flag) (string, error) {
	item, _, err := txFirst(tx, scanValue[string], `SELECT item FROM flags WHERE message = $1 AND target = $2 LIMIT 1`, f.MessageID, f.TargetID)
	return item, err
}

// Flag stores a flag, or its new reason. TargetID is that of a flag of a user.
func (tx *Tx) Flag(f chat.Flag) error {
	custom, err := toObject(f.Custom)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO flags (item, user_id, message, target, channel, reason, custom, created_at, updated_at)
		VALUES ($1, $2, $3, $4, COALESCE((SELECT no FROM channels WHERE cid = $5), 0), $6, $7, $8, $8)
		ON CONFLICT (message, target, user_id) DO UPDATE SET reason = excluded.reason, custom = excluded.custom, updated_at = excluded.updated_at`,
		f.Item, f.By, f.MessageID, f.TargetID, f.CID.String(), f.Reason, custom, micros(f.CreatedAt))
	return err
}

// Unflag takes a flag back and reports whether there was one.
func (tx *Tx) Unflag(f chat.Flag) (bool, error) {
	n, err := tx.change(`DELETE FROM flags WHERE message = $1 AND target = $2 AND user_id = $3`, f.MessageID, f.TargetID, f.By)
	return n > 0, err
}

func scanFlag(rows row) (f chat.Flag, err error) {
	var cid, custom string
	var created, updated int64
	err = rows.Scan(&f.Item, &f.By, &f.MessageID, &f.TargetID, &cid, &f.Reason, &custom, &created, &updated)
	if err != nil {
		return f, err
	}
	if cid != "" {
		f.CID = splitCID(cid)
	}
	f.CreatedAt, f.UpdatedAt = moment(created), moment(updated)
	err = fromObject(custom, &f.Custom)
	return f, err
}
