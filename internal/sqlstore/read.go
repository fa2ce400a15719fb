package sqlstore

import (
	"context"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

// ReadStates returns how far those members have read who are among each channel's
// members given.
func (s *Store) ReadStates(ctx context.Context, members map[chat.CID][]chat.Member) (map[chat.CID]map[string]chat.ReadState, error) {
	states := make(map[chat.CID]map[string]chat.ReadState, len(members))
	for cid, list := range members {
		states[cid] = make(map[string]chat.ReadState, len(list))
		for chunk := range chunks(userIDs(list)) {
			marks, args := in(chunk, same)
			rows, err := s.query(ctx, `SELECT f.user_id, COALESCE((SELECT m.id FROM messages m WHERE m.channel = f.channel
				AND m.seq <= f.read_seq ORDER BY m.seq DESC LIMIT 1), ''), (SELECT COUNT(*) FROM (SELECT 1 FROM messages m
				WHERE m.channel = f.channel AND m.seq > f.read_seq AND m.sender <> f.user_id AND m.deleted_at = 0 AND NOT m.aside
				AND `+shownTo("m", "f.user_id")+`
				LIMIT `+strconv.Itoa(chat.MaxUnread)+`) unread)
				FROM members f WHERE f.user_id IN `+marks+` AND f.channel = (SELECT no FROM channels WHERE cid = $`+
				strconv.Itoa(len(args)+1)+`)`, append(args, cid.String())...)
			found, err := collect(rows, err, scanReadState)
			if err != nil {
				return nil, err
			}
			for _, r := range found {
				states[cid][r.user] = r.ReadState
			}
		}
	}
	return states, nil
}

type readState struct {
	user string
	chat.ReadState
}

func scanReadState(rows row) (r readState, err error) {
	err = rows.Scan(&r.user, &r.LastRead, &r.Unread)
	return r, err
}

const readingText = `SELECT read_seq FROM members WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`

// MarkRead notes how far a member has read, 0 for all there is. It reports
// whether that is farther than before.
func (tx *Tx) MarkRead(cid chat.CID, user string, seq int64, at time.Time) (reached int64, moved bool, err error) {
	h, err := tx.head(cid)
	if err != nil || h == nil {
		return 0, false, err
	}
	c := cid.String()
	before, member, err := foreseen(tx, readKey{"reading", c, user}, scanValue[int64], readingText, c, user)
	if seq == 0 || seq > h.seq {
		seq = h.seq
	}
	if err != nil || !member || before >= seq {
		return 0, false, err
	}
	return seq, true, tx.put(`UPDATE members SET read_seq = $1, read_at = $2 WHERE channel = $3 AND user_id = $4`, seq, micros(at), h.no, user)
}

// MarkUnread notes that a member has read no farther than a seq, and reports
// whether there is such a member.
func (tx *Tx) MarkUnread(cid chat.CID, user string, seq int64) (bool, error) {
	n, err := tx.change(`UPDATE members SET read_seq = $3 WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		cid.String(), user, seq)
	return n > 0, err
}

// UnreadChannels returns the channels in which a member has not read all there is.
func (tx *Tx) UnreadChannels(user string) ([]chat.CID, error) {
	return txCollect(tx, scanCID, `SELECT c.cid FROM members f JOIN channels c ON c.no = f.channel
		WHERE f.user_id = $1 AND f.read_seq < c.seq`, user)
}

func scanCID(rows row) (chat.CID, error) {
	text, err := scanValue[string](rows)
	return splitCID(text), err
}
