package store

import (
	"context"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// ReadStates returns the read states of the given members of each channel.
func (s *Store) ReadStates(ctx context.Context, members map[chat.CID][]chat.Member) (map[chat.CID]map[string]chat.ReadState, error) {
	states := make(map[chat.CID]map[string]chat.ReadState, len(members))
	for cid, list := range members {
		states[cid] = make(map[string]chat.ReadState, len(list))
		for chunk := range sqlstore.Chunks(sqlstore.UserIDs(list)) {
			marks, args := sqlstore.In(chunk, sqlstore.Same)
			rows, err := s.Query(ctx, `SELECT f.user_id, COALESCE((SELECT m.id FROM messages m WHERE m.channel = f.channel
				AND m.seq <= f.read_seq ORDER BY m.seq DESC LIMIT 1), ''), (SELECT COUNT(*) FROM (SELECT 1 FROM messages m
				WHERE m.channel = f.channel AND m.seq > f.read_seq AND m.sender <> f.user_id AND m.deleted_at = 0 AND NOT m.aside
				AND `+sqlstore.ShownTo("m", "f.user_id")+`
				LIMIT `+strconv.Itoa(chat.MaxUnread)+`) unread)
				FROM members f WHERE f.user_id IN `+marks+` AND f.channel = (SELECT no FROM channels WHERE cid = $`+
				strconv.Itoa(len(args)+1)+`)`, append(args, cid.String())...)
			found, err := sqlstore.Collect(rows, err, scanReadState)
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

func scanReadState(rows sqlstore.Row) (r readState, err error) {
	err = rows.Scan(&r.user, &r.LastRead, &r.Unread)
	return r, err
}

// MarkUnread sets a member's read state back to a seq, and reports whether the user is a member.
func MarkUnread(tx *sqlstore.Tx, cid chat.CID, user string, seq int64) (bool, error) {
	n, err := tx.Change(`UPDATE members SET read_seq = $3 WHERE channel = (SELECT no FROM channels WHERE cid = $1) AND user_id = $2`,
		cid.String(), user, seq)
	return n > 0, err
}

// UnreadChannels returns the channels in which a member has unread messages.
func UnreadChannels(tx *sqlstore.Tx, user string) ([]chat.CID, error) {
	return sqlstore.TxCollect(tx, scanCID, `SELECT c.cid FROM members f JOIN channels c ON c.no = f.channel
		WHERE f.user_id = $1 AND f.read_seq < c.seq`, user)
}

func scanCID(rows sqlstore.Row) (chat.CID, error) {
	text, err := sqlstore.ScanValue[string](rows)
	return sqlstore.SplitCID(text), err
}
