package sqlstore

import (
	"time"

	"backchannel/internal/chat"
)

const readingText = `SELECT read_seq FROM members WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`

// MarkRead sets how far a member has read, up to the last message if seq is 0. It reports whether
// that is farther than before.
func (tx *Tx) MarkRead(cid chat.CID, user string, seq int64, at time.Time) (reached int64, moved bool, err error) {
	h, err := tx.head(cid)
	if err != nil || h == nil {
		return 0, false, err
	}
	c := cid.String()
	before, member, err := foreseen(tx, readKey{"reading", c, user}, ScanValue[int64], readingText, c, user)
	if seq == 0 || seq > h.seq {
		seq = h.seq
	}
	if err != nil || !member || before >= seq {
		return 0, false, err
	}
	return seq, true, tx.put(`UPDATE members SET read_seq = $1, read_at = $2 WHERE channel = $3 AND user_id = $4`, seq, Micros(at), h.no, user)
}
