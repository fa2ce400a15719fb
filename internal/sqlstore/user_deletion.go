package sqlstore

import (
	"backchannel/internal/chat"
)

// MessageIDsBy returns ids of messages that a user sent after an id, in order; only those in one
// channel, unless cid is zero.
func (tx *Tx) MessageIDsBy(user string, cid chat.CID, after string, limit int) ([]string, error) {
	if cid == (chat.CID{}) {
		return TxCollect(tx, ScanValue[string], `SELECT id FROM messages WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3`,
			user, after, limit)
	}
	return TxCollect(tx, ScanValue[string], `SELECT id FROM messages WHERE sender = $1 AND id > $2
		AND channel = (SELECT no FROM channels WHERE cid = $4) ORDER BY id LIMIT $3`, user, after, limit, cid.String())
}
