package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// channelRow are the columns of channels, which the bin has too. A test compares them.
const channelRow = `no, cid, type, id, name, name_key, name_text, avatar, frozen, disabled, cooldown, custom, extra,
	seq, log_floor, message_count, member_count, created_by, created_at, updated_at, last_message_at`

const binnedColumns = `no, cid, name, avatar, message_count, member_count, deleted_by, deleted_at, change`

// DeleteChannels moves channels to the bin with everything in them, and returns those that existed.
// Their content keeps the channel's number, through which nothing reaches it from then on. The ends
// of their logs are stored, and events in the back office's log: once these are durable, fn is
// called with the seqs of some, the last one included. Only the channels' numbers and cids are
// returned.
func (tx *Tx) DeleteChannels(cids []chat.CID, by string, at time.Time, fn func(seq int64)) (deleted []chat.BinnedChannel, err error) {
	for chunk := range Chunks(cids) {
		list, args := In(chunk, func(c chat.CID) any { return c.String() })
		moved, err := tx.moveToBin(list, args, by, at)
		if err != nil {
			return nil, err
		}
		if len(moved) > 0 {
			tx.desk = append(tx.desk, deskEntry{Entry{Type: chat.ChannelDeleted, User: by, At: at}, fn, moved})
		}
		deleted = append(deleted, moved...)
	}
	if len(deleted) == 0 {
		return nil, nil
	}
	_, err = tx.channelsChanged()
	return deleted, err
}

func (tx *Tx) moveToBin(list string, args []any, by string, at time.Time) ([]chat.BinnedChannel, error) {
	// A message that another server is adding is either moved with its channel or refused.
	moved, err := TxCollect(tx, scanHeld, `SELECT no, cid FROM channels WHERE cid IN `+list+` ORDER BY cid`+tx.writer.dialect.hold, args...)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	slices.SortFunc(moved, func(a, b chat.BinnedChannel) int { return cmp.Compare(a.No, b.No) })
	if tx.recording != nil {
		tx.recording.binned = append(tx.recording.binned, moved)
	}
	list, args = In(moved, numberOf)
	n := len(args)
	for _, step := range []struct {
		text string
		args []any
	}{
		{fmt.Sprintf(`INSERT INTO bin (`+channelRow+`, deleted_by, deleted_at, change, erasing)
			SELECT `+channelRow+`, $%d, $%d, $%d, FALSE FROM channels WHERE no IN `+list, n+1, n+2, n+3), append(args[:n:n], by, Micros(at), tx.Recording())},
		{`INSERT INTO ended_logs (cid, seq) SELECT cid, seq FROM channels WHERE no IN ` + list + ` ON CONFLICT (cid) DO UPDATE SET seq = excluded.seq`, args},
		{`DELETE FROM channels WHERE no IN ` + list, args},
	} {
		if _, err := tx.Change(step.text, step.args...); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

// binned are channels that were moved to the bin together, in the order of their numbers. Their
// events and their targets in a record are stored together, too: one by one they would cost half
// as much again.
type binned []chat.BinnedChannel

func numberOf(b chat.BinnedChannel) any { return b.No }

// insertBinned stores channels of the bin as targets of a change, numbered after the given number.
func (tx *Tx) insertBinned(change int64, after int, list []binned) error {
	for _, b := range list {
		marks, args := In(b, numberOf)
		n := len(args)
		if _, err := tx.Change(fmt.Sprintf(`INSERT INTO change_targets (change, no, kind, cid, channel_no, user_id, item, state_before, state_after)
			SELECT $%d, $%d + ROW_NUMBER() OVER (ORDER BY no), '`+string(chat.ChannelTarget)+`', cid, no, '', '', '', '' FROM bin WHERE no IN `+marks,
			n+1, n+2), append(args[:n:n], change, after)...); err != nil {
			return err
		}
		after += len(b)
	}
	return nil
}

// insertDeletions stores events of the back office's log about channels of the bin, after a seq.
func (tx *Tx) insertDeletions(after int64, e Entry, b binned) error {
	marks, args := In(b, numberOf)
	n := len(args)
	_, err := tx.Change(fmt.Sprintf(`INSERT INTO events (channel, seq, type, cid, user_id, message, detail, at)
		SELECT 0, $%d + ROW_NUMBER() OVER (ORDER BY no), $%d, cid, $%d, '', '', $%d FROM bin WHERE no IN `+marks, n+1, n+2, n+3, n+4),
		append(args[:n:n], after, string(e.Type), e.User, Micros(e.At))...)
	return err
}

func countBinned(list []binned) (n int) {
	for _, b := range list {
		n += len(b)
	}
	return n
}

func scanHeld(rows Row) (b chat.BinnedChannel, err error) {
	var cid string
	err = rows.Scan(&b.No, &cid)
	b.CID = SplitCID(cid)
	return b, err
}

// Bin returns up to q.Limit+1 channels of the bin that match, the last deleted first.
func (s *Store) Bin(ctx context.Context, q chat.BinQuery) ([]chat.BinnedChannel, error) {
	if q.After == (chat.BinPosition{}) {
		q.After.At = math.MaxInt64
	}
	rows, err := s.Query(ctx, `SELECT `+binnedColumns+` FROM bin
		WHERE NOT erasing AND (deleted_at, no) < ($1, $2) AND ($3 = '' OR name_text LIKE $3 ESCAPE '\' OR lower(id) LIKE $3 ESCAPE '\')
		ORDER BY deleted_at DESC, no DESC LIMIT $4`, q.After.At, q.After.No, containing(q.Search), q.Limit+1)
	return Collect(rows, err, scanBinned)
}

// BinnedBy returns the channels that a change has moved to the bin and that can be restored.
func (tx *Tx) BinnedBy(change string) ([]chat.BinnedChannel, error) {
	return TxCollect(tx, scanBinned, `SELECT `+binnedColumns+` FROM bin WHERE change = $1 AND NOT erasing ORDER BY no`, change)
}

// Binned returns a channel of the bin and whether it exists and can be restored.
func (tx *Tx) Binned(no int64) (chat.BinnedChannel, bool, error) {
	return TxFirst(tx, scanBinned, `SELECT `+binnedColumns+` FROM bin WHERE no = $1 AND NOT erasing`, no)
}

// Restore moves a channel back from the bin, under a cid that must be free. Its log continues where
// it ended, unless another channel has had that cid in the meantime: then the log starts anew, so
// that a client that resumes doesn't get the wrong events. With a new cid it also starts anew,
// since the old events have the old cid.
func (tx *Tx) Restore(b chat.BinnedChannel, cid chat.CID) error {
	return tx.tracked(inChannel(chat.ChannelTarget, cid, "", ""), func() error {
		ended, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(seq), 0) FROM (SELECT seq FROM ended_logs WHERE cid = $1
			UNION ALL SELECT value FROM counters WHERE name = '`+logBase+`') AS before`, cid.String())
		if err != nil {
			return err
		}
		for _, step := range []struct {
			text string
			args []any
		}{
			{`UPDATE bin SET seq = CASE WHEN $2 > seq THEN $2 ELSE seq END + 1, log_floor = CASE WHEN $2 > seq THEN $2 ELSE seq END + 1,
				cid = $3, id = $4 WHERE no = $1 AND (cid <> $3 OR $2 > seq)`, []any{b.No, ended, cid.String(), cid.ID}},
			{`INSERT INTO channels (` + channelRow + `) SELECT ` + channelRow + ` FROM bin WHERE no = $1`, []any{b.No}},
			{`DELETE FROM bin WHERE no = $1`, []any{b.No}},
			{`DELETE FROM ended_logs WHERE cid = $1`, []any{cid.String()}},
		} {
			if _, err := tx.Change(step.text, step.args...); err != nil {
				return err
			}
		}
		_, err = tx.channelsChanged()
		return err
	})
}

// StartErasing makes a channel of the bin impossible to restore, and counts its content.
func (tx *Tx) StartErasing(no int64) (e chat.Erased, err error) {
	if _, err := tx.Change(`UPDATE bin SET erasing = TRUE WHERE no = $1`, no); err != nil {
		return e, err
	}
	e, _, err = TxFirst(tx, func(rows Row) (e chat.Erased, err error) {
		err = rows.Scan(&e.Messages, &e.Members, &e.Reactions, &e.Versions, &e.Restrictions)
		return e, err
	}, `SELECT (SELECT COUNT(*) FROM messages WHERE channel = $1), (SELECT COUNT(*) FROM members WHERE channel = $1),
		(SELECT COUNT(*) FROM reactions WHERE channel = $1), (SELECT COUNT(*) FROM message_versions WHERE channel = $1),
		(SELECT COUNT(*) FROM restrictions WHERE channel = $1)`, no)
	return e, err
}

// ToErase returns a channel of the bin that was deleted before a time, or whose erasing has begun,
// and whether there is one.
func (s *Store) ToErase(ctx context.Context, before time.Time) (int64, bool, error) {
	rows, err := s.Query(ctx, `SELECT no FROM bin WHERE deleted_at < $1 OR erasing ORDER BY deleted_at LIMIT 1`, Micros(before))
	return First(rows, err, ScanValue[int64])
}

// inChannels returns the tables with the content of channels, each with the column of the channel's
// number. What belongs to messages comes first.
func inChannels() [][2]string {
	list := make([][2]string, 0, len(OfMessages)+5)
	for _, of := range OfMessages {
		list = append(list, [2]string{of.Table, of.Column})
	}
	return append(list, [2]string{"messages", "id"}, [2]string{"members", "user_id"}, [2]string{"restrictions", "user_id"},
		[2]string{"channel_settings", "user_id"}, [2]string{"events", "seq"})
}

const erasedAtOnce = 500

// EraseBinned erases a part of the content of a channel of the bin, and finally the channel and
// what records of changes contain about it. It reports whether there is more.
func (tx *Tx) EraseBinned(no int64) (more bool, err error) {
	if _, err := tx.Change(`UPDATE bin SET erasing = TRUE WHERE no = $1 AND NOT erasing`, no); err != nil {
		return false, err
	}
	for _, of := range inChannels() {
		n, err := tx.Change(`DELETE FROM `+of[0]+` WHERE channel = $1 AND `+of[1]+` IN (SELECT `+of[1]+` FROM `+of[0]+`
			WHERE channel = $1 LIMIT $2)`, no, erasedAtOnce)
		if err != nil || n > 0 {
			return true, err
		}
	}
	for _, text := range []string{
		`UPDATE change_targets SET state_before = '', state_after = '' WHERE channel_no = $1 AND channel_no <> 0 AND (state_before <> '' OR state_after <> '')`,
		`DELETE FROM bin WHERE no = $1`,
	} {
		if _, err := tx.Change(text, no); err != nil {
			return false, err
		}
	}
	return false, nil
}

func scanBinned(rows Row) (b chat.BinnedChannel, err error) {
	var cid string
	var at int64
	err = rows.Scan(&b.No, &cid, &b.Name, &b.Avatar, &b.MessageCount, &b.MemberCount, &b.DeletedBy, &at, &b.Change)
	b.CID, b.DeletedAt = SplitCID(cid), Moment(at)
	return b, err
}
