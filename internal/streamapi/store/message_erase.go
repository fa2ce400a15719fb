package store

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// HideMessage deletes a message of a channel for one user.
func HideMessage(tx *sqlstore.Tx, cid chat.CID, user, id string, at time.Time) error {
	_, err := tx.Change(`INSERT INTO hidden_messages (channel, user_id, message, at)
		SELECT no, $2, $3, $4 FROM channels WHERE cid = $1 ON CONFLICT (channel, user_id, message) DO NOTHING`,
		cid.String(), user, id, sqlstore.Micros(at))
	return err
}

// HiddenMessages counts the messages of a channel that a user deleted for itself.
func HiddenMessages(tx *sqlstore.Tx, cid chat.CID, user string) (int, error) {
	n, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int], `SELECT COUNT(*) FROM hidden_messages h JOIN channels c ON c.no = h.channel
		WHERE c.cid = $1 AND h.user_id = $2`, cid.String(), user)
	return n, err
}
