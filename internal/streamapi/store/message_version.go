package store

import (
	"context"
	"encoding/json"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// MessageVersion is a message's content before it was changed or deleted.
type MessageVersion struct {
	MessageID   string
	Text        string
	Attachments []json.RawMessage
	Mentions    []chat.User
	Custom      map[string]any
	WrittenBy   string // user id
	WrittenAt   time.Time
	Deleted     bool // the message is deleted now
}

const versionColumns = `v.message, v.text, v.attachments, v.mentions, v.custom, v.written_by, v.written_at, m.deleted_at`

// searchableVersions describes the fields of versions. In SQL, v is the version and m its message.
var searchableVersions = searchable{
	custom: "v.custom",
	tie:    "v.written_at DESC, v.message, v.no DESC",
	fields: map[string]field{
		"message_id":            is(ofText, "v.message"),
		"user_id":               is(ofText, "v.written_by"),
		"message_updated_by_id": is(ofText, "v.written_by"),
		"text":                  is(ofText, "v.text"),
		"message_updated_at":    is(ofMoment, "v.written_at"),
		"cid":                   is(ofText, "c.cid"),
		"channel_cid":           is(ofText, "c.cid"),
	},
}

const lastVersion = `SELECT ` + versionColumns + ` FROM message_versions v JOIN messages m ON m.id = v.message
	WHERE v.message = $1 ORDER BY v.no DESC LIMIT 1`

// LastVersion returns the newest version of a message, and whether there is one.
func (s *Store) LastVersion(ctx context.Context, message string) (MessageVersion, bool, error) {
	rows, err := s.Query(ctx, lastVersion, message)
	return sqlstore.First(rows, err, scanVersion)
}

// LastVersion is [Store.LastVersion] within a transaction.
func LastVersion(tx *sqlstore.Tx, message string) (MessageVersion, bool, error) {
	return sqlstore.TxFirst(tx, scanVersion, lastVersion, message)
}

// DropLastVersion removes the newest version of a message, after its content was restored.
func DropLastVersion(tx *sqlstore.Tx, message string) error {
	_, err := tx.Change(`DELETE FROM message_versions WHERE message = $1
		AND no = (SELECT MAX(no) FROM message_versions WHERE message = $1)`, message)
	return err
}

// SearchVersions returns the versions that match, in order. InvalidArguments: the filter or sort
// isn't supported.
func (s *Store) SearchVersions(ctx context.Context, q Search) ([]MessageVersion, error) {
	l := &statement{dialect: s.dialect, searchable: searchableVersions}
	rest, refused := l.rest("", q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+versionColumns+` FROM message_versions v JOIN messages m ON m.id = v.message
		JOIN channels c ON c.no = v.channel`+rest, l.args...)
	return sqlstore.Collect(rows, err, scanVersion)
}

func scanVersion(rows sqlstore.Row) (v MessageVersion, err error) {
	var attachments, mentions, custom string
	var written, deleted int64
	err = rows.Scan(&v.MessageID, &v.Text, &attachments, &mentions, &custom, &v.WrittenBy, &written, &deleted)
	if err != nil {
		return v, err
	}
	v.WrittenAt, v.Deleted = sqlstore.Moment(written), deleted != 0
	if err := sqlstore.FromJSON(attachments, &v.Attachments); err != nil {
		return v, err
	}
	if v.Mentions, err = sqlstore.Mentioned(mentions); err != nil {
		return v, err
	}
	return v, sqlstore.FromObject(custom, &v.Custom)
}
