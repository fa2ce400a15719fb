package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Flag is a user's report of a message or a user to the moderators.
type Flag struct {
	Item      string   // the id that all flags of the same message or user share
	By        string   // user id
	MessageID string   // "" for a flag of a user
	TargetID  string   // the user who is flagged, or who sent the flagged message
	CID       chat.CID // of the message
	Reason    string
	Custom    map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// What can be flagged, in Stream's terms.
const (
	MessageEntity = "stream:chat:v1:message"
	UserEntity    = "stream:user"
)

// Check returns an error if a flag isn't valid.
func (f Flag) Check() error {
	if chat.LongerThan(f.Reason, chat.MaxReason) || chat.HasNUL(f.Reason) {
		return chat.Invalid("reason", "reason has at most %d characters, none of them NUL.", chat.MaxReason)
	}
	if (f.MessageID == "") == (f.TargetID == "") {
		return chat.Invalid("entity_id", "A flag is of a message or of a user.")
	}
	return chat.CheckCustom(f.Custom)
}

// FlagSearch selects flags by any of their fields.
type FlagSearch struct {
	Search
	OfMessages bool // exclude flags of users
	Deleted    bool // include flags of deleted messages
}

// searchableFlags describes the fields of flags. In SQL, f is the flag, m the message and c its
// channel.
func searchableFlags(d dialect) searchable {
	return searchable{
		custom: "f.custom",
		tie:    "f.created_at DESC, f.message, f.target, f.user_id",
		fields: map[string]field{
			"item_id":           is(ofText, "f.item"),
			"user_id":           is(ofText, "f.user_id"),
			"message_id":        is(ofText, "f.message"),
			"entity_id":         is(ofText, "(CASE WHEN f.message = '' THEN f.target ELSE f.message END)"),
			"entity_type":       is(ofText, "(CASE WHEN f.message = '' THEN '"+UserEntity+"' ELSE '"+MessageEntity+"' END)"),
			"entity_creator_id": is(ofText, flagTarget),
			"channel_cid":       perhaps(ofText, "c.cid"),
			"team":              perhaps(ofText, d.jsonText("c.extra", "team")),
			"reason":            is(ofText, "f.reason"),
			"is_reviewed":       is(ofFlag, "FALSE"), // nobody can review flags here
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

// SearchFlags returns the flags that match, in order, newest first by default. InvalidArguments:
// the filter or sort isn't supported.
func (s *Store) SearchFlags(ctx context.Context, q FlagSearch) ([]Flag, error) {
	l := &statement{dialect: s.dialect, searchable: searchableFlags(s.dialect)}
	condition := `(f.message = '' OR m.id IS NOT NULL AND c.no IS NOT NULL)`
	if q.OfMessages {
		condition += ` AND f.message <> ''`
	}
	if !q.Deleted {
		condition += ` AND COALESCE(m.deleted_at, 0) = 0`
	}
	rest, refused := l.rest(condition, q.Search)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+flagColumns+` FROM `+flagTables+rest, l.args...)
	return sqlstore.Collect(rows, err, scanFlag)
}

// CountFlags counts the flags of a user and of the user's messages; if kind isn't "", only those of
// messages or only those of users.
func (s *Store) CountFlags(ctx context.Context, target, kind string) (int64, error) {
	rows, err := s.Query(ctx, `SELECT COUNT(*) FROM `+flagTables+` WHERE `+flagTarget+` = $1
		AND (f.message = '' OR c.no IS NOT NULL) AND ($2 = '' OR ($2 = '`+MessageEntity+`') = (f.message <> ''))`, target, kind)
	n, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[int64])
	return n, err
}

// FlagItem returns the id that all flags of a message or user share, "" if there are none.
func FlagItem(tx *sqlstore.Tx, f Flag) (string, error) {
	item, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[string], `SELECT item FROM flags WHERE message = $1 AND target = $2 LIMIT 1`, f.MessageID, f.TargetID)
	return item, err
}

// PutFlag stores a flag or its new reason. It uses TargetID only for a flag of a user.
func PutFlag(tx *sqlstore.Tx, f Flag) error {
	custom, err := sqlstore.ToObject(f.Custom)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO flags (item, user_id, message, target, channel, reason, custom, created_at, updated_at)
		VALUES ($1, $2, $3, $4, COALESCE((SELECT no FROM channels WHERE cid = $5), 0), $6, $7, $8, $8)
		ON CONFLICT (message, target, user_id) DO UPDATE SET reason = excluded.reason, custom = excluded.custom, updated_at = excluded.updated_at`,
		f.Item, f.By, f.MessageID, f.TargetID, f.CID.String(), f.Reason, custom, sqlstore.Micros(f.CreatedAt))
	return err
}

// Unflag removes a flag and reports whether there was one, outside of the bin.
func Unflag(tx *sqlstore.Tx, f Flag) (bool, error) {
	n, err := tx.Change(`DELETE FROM flags WHERE message = $1 AND target = $2 AND user_id = $3
		AND (channel = 0 OR channel IN (SELECT no FROM channels))`, f.MessageID, f.TargetID, f.By)
	return n > 0, err
}

func scanFlag(rows sqlstore.Row) (f Flag, err error) {
	var cid, custom string
	var created, updated int64
	err = rows.Scan(&f.Item, &f.By, &f.MessageID, &f.TargetID, &cid, &f.Reason, &custom, &created, &updated)
	if err != nil {
		return f, err
	}
	if cid != "" {
		f.CID = sqlstore.SplitCID(cid)
	}
	f.CreatedAt, f.UpdatedAt = sqlstore.Moment(created), sqlstore.Moment(updated)
	err = sqlstore.FromObject(custom, &f.Custom)
	return f, err
}
