package sqlstore

import (
	"context"

	"backchannel/internal/chat"
)

const versionColumns = `v.message, v.text, v.attachments, v.mentions, v.custom, v.written_by, v.written_at, m.deleted_at`

// versionNoun is what may be asked of versions, which are v, of the messages m.
var versionNoun = noun{
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

// KeepVersion keeps what a message says now as a version of it.
func (tx *Tx) KeepVersion(m chat.Message) error {
	row, err := rowOf(&m)
	if err != nil {
		return err
	}
	by, at := m.WrittenBy, m.WrittenAt
	if by == "" {
		by = m.Sender.ID
	}
	if at.IsZero() {
		at = m.CreatedAt
	}
	_, err = tx.change(`INSERT INTO message_versions (message, no, channel, text, attachments, mentions, custom, written_by, written_at)
		SELECT m.id, (SELECT COALESCE(MAX(v.no), 0) + 1 FROM message_versions v WHERE v.message = m.id), m.channel, $2, $3, $4, $5, $6, $7
		FROM messages m WHERE m.id = $1`, m.ID, m.Text, row.attachments, row.mentions, row.custom, by, micros(at))
	return err
}

const lastVersion = `SELECT ` + versionColumns + ` FROM message_versions v JOIN messages m ON m.id = v.message
	WHERE v.message = $1 ORDER BY v.no DESC LIMIT 1`

// LastVersion returns the newest version of a message, and whether there is one.
func (s *Store) LastVersion(ctx context.Context, message string) (chat.MessageVersion, bool, error) {
	rows, err := s.query(ctx, lastVersion, message)
	return first(rows, err, scanVersion)
}

// LastVersion returns the newest version of a message, and whether there is one.
func (tx *Tx) LastVersion(message string) (chat.MessageVersion, bool, error) {
	return txFirst(tx, scanVersion, lastVersion, message)
}

// DropLastVersion forgets the newest version of a message, which is what the
// message says again.
func (tx *Tx) DropLastVersion(message string) error {
	_, err := tx.change(`DELETE FROM message_versions WHERE message = $1
		AND no = (SELECT MAX(no) FROM message_versions WHERE message = $1)`, message)
	return err
}

// SearchVersions returns the versions that match, in order. InvalidArguments: the
// filter or sort asks what can't be asked.
func (s *Store) SearchVersions(ctx context.Context, q chat.Listing) ([]chat.MessageVersion, error) {
	l := &listing{dialect: s.dialect, noun: versionNoun}
	rest, refused := l.rest("", q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+versionColumns+` FROM message_versions v JOIN messages m ON m.id = v.message
		JOIN channels c ON c.no = v.channel`+rest, l.args...)
	return collect(rows, err, scanVersion)
}

// rest is what follows the tables in a statement that lists: the condition, which
// the given one precedes, the order and the limits.
func (l *listing) rest(condition string, q chat.Listing) (string, *chat.Error) {
	where, refused := l.where(q.Filter)
	if refused != nil {
		return "", refused
	}
	order, refused := l.order(q.Sort)
	if refused != nil {
		return "", refused
	}
	if condition != "" {
		where = condition + " AND " + where
	}
	return ` WHERE ` + where + ` ORDER BY ` + order + ` LIMIT ` + l.bind(q.Limit) + ` OFFSET ` + l.bind(q.Offset), nil
}

func scanVersion(rows row) (v chat.MessageVersion, err error) {
	var attachments, mentions, custom string
	var written, deleted int64
	err = rows.Scan(&v.MessageID, &v.Text, &attachments, &mentions, &custom, &v.WrittenBy, &written, &deleted)
	if err != nil {
		return v, err
	}
	v.WrittenAt, v.Deleted = moment(written), deleted != 0
	if err := fromJSON(attachments, &v.Attachments); err != nil {
		return v, err
	}
	if v.Mentions, err = mentioned(mentions); err != nil {
		return v, err
	}
	return v, fromObject(custom, &v.Custom)
}
