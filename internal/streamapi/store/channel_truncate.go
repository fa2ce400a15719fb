package store

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Truncate erases a channel's messages up to a time; their numbers stay. If keep is true, their
// content becomes the last version of each message. It reports whether there were any.
func Truncate(tx *sqlstore.Tx, cid chat.CID, before time.Time, keep bool, at time.Time) (bool, error) {
	const which = ` FROM messages m WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.created_at <= $2 AND ` + notErased
	if keep {
		if _, err := tx.Change(`INSERT INTO message_versions (message, no, channel, text, attachments, mentions, custom, written_by, written_at)
			SELECT m.id, (SELECT COALESCE(MAX(v.no), 0) + 1 FROM message_versions v WHERE v.message = m.id), m.channel, m.text, m.attachments,
			m.mentions, m.custom, m.sender, m.created_at`+which+` AND m.deleted_at = 0`, cid.String(), sqlstore.Micros(before)); err != nil {
			return false, err
		}
	} else if _, err := tx.Change(`DELETE FROM message_versions WHERE message IN (SELECT m.id FROM messages m
		WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.created_at <= $2)`, cid.String(), sqlstore.Micros(before)); err != nil {
		return false, err
	}
	for _, of := range sqlstore.OfMessages {
		if of.Table == "message_versions" {
			continue
		}
		if _, err := tx.Change(`DELETE FROM `+of.Table+` WHERE `+of.Column+` IN (SELECT m.id`+which+`)`, cid.String(), sqlstore.Micros(before)); err != nil {
			return false, err
		}
	}
	n, err := tx.Change(`UPDATE messages SET text = '', attachments = '', mentions = '', text_key = '', custom = '{}', extra = '{}',
		erased = TRUE, type = '', pin_expires = 0, pinned_at = 0, aside = TRUE, deleted_at = $3 WHERE id IN (SELECT m.id`+which+`)`, cid.String(), sqlstore.Micros(before), sqlstore.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Change(`UPDATE channels SET message_count = message_count - $2, last_message_at = COALESCE((SELECT MAX(m.created_at)
		FROM messages m WHERE m.channel = channels.no AND `+notErased+`), 0) WHERE cid = $1`, cid.String(), n)
	return true, err
}

// notErased is SQL that is true unless only the number of message m is left.
const notErased = `NOT m.erased`
