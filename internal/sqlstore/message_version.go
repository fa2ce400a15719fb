package sqlstore

import (
	"backchannel/internal/chat"
)

// KeepVersion stores the current content of a message as a version of it.
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
	_, err = tx.Change(`INSERT INTO message_versions (message, no, channel, text, attachments, mentions, custom, written_by, written_at)
		SELECT m.id, (SELECT COALESCE(MAX(v.no), 0) + 1 FROM message_versions v WHERE v.message = m.id), m.channel, $2, $3, $4, $5, $6, $7
		FROM messages m WHERE m.id = $1`, m.ID, m.Text, row.attachments, row.mentions, row.custom, by, Micros(at))
	return err
}
