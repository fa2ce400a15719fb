package sqlstore

import (
	"context"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/fold"
)

// ChannelColumns are the columns of channels c that ChannelScanner reads.
const ChannelColumns = `cid, name, avatar, frozen, disabled, cooldown, message_count, member_count, seq, created_by, created_at, updated_at,
	last_message_at, custom, extra`

// ChannelsVersion returns a number that every change to the list of channels increases. Messages
// don't change it.
func (s *Store) ChannelsVersion(ctx context.Context) (int64, error) {
	rows, err := s.Query(ctx, `SELECT value FROM counters WHERE name = 'channels'`)
	version, _, err := First(rows, err, ScanValue[int64])
	return version, err
}

// AllChannels returns every channel by folded name, then cid. Avatar holds the
// file's name.
func (s *Store) AllChannels(ctx context.Context) ([]chat.Channel, error) {
	rows, err := s.Query(ctx, `SELECT `+ChannelColumns+` FROM channels ORDER BY name_key, cid`)
	return Collect(rows, err, ChannelScanner())
}

// Channels returns up to q.Limit+1 matching channels in that order, so that the
// caller sees whether there are more.
func (s *Store) Channels(ctx context.Context, q chat.ChannelQuery) ([]chat.Channel, error) {
	rows, err := s.Query(ctx, `SELECT `+ChannelColumns+` FROM channels
		WHERE (name_key, cid) > ($1, $2) AND ($3 = '' OR type = $3)
		AND ($4 = '' OR name_text LIKE $4 ESCAPE '\' OR lower(id) LIKE $4 ESCAPE '\')
		AND ($6 = '' OR no IN (SELECT channel FROM members WHERE user_id = $6))
		ORDER BY name_key, cid LIMIT $5`,
		q.After.NameKey, q.After.ID, string(q.Type), containing(q.Search), q.Limit+1, q.Member)
	return Collect(rows, err, ChannelScanner())
}

const oneChannel = `SELECT ` + ChannelColumns + ` FROM channels WHERE cid = $1`

// Channel returns a channel and whether it exists. If viewer isn't "", it includes that user's
// settings.
func (s *Store) Channel(ctx context.Context, cid chat.CID, viewer string) (chat.Channel, bool, error) {
	rows, err := s.Query(ctx, oneChannel, cid.String())
	list, err := Collect(rows, err, ChannelScanner())
	if err != nil || len(list) == 0 {
		return chat.Channel{}, false, err
	}
	err = s.FillSettings(ctx, list, viewer)
	return list[0], true, err
}

// HasChannel reports whether there is a channel with that cid.
func (s *Store) HasChannel(ctx context.Context, cid chat.CID) (bool, error) {
	_, found, err := s.channelNo(ctx, cid)
	return found, err
}

// ChannelSeqs returns the ends of the logs of the channels that exist.
func (s *Store) ChannelSeqs(ctx context.Context, cids []chat.CID) (map[chat.CID]int64, error) {
	seqs := make(map[chat.CID]int64, len(cids))
	for chunk := range Chunks(cids) {
		list, args := In(chunk, func(c chat.CID) any { return c.String() })
		rows, err := s.Query(ctx, `SELECT no, cid, seq FROM channels WHERE cid IN `+list, args...)
		found, err := Collect(rows, err, scanLogged)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			seqs[SplitCID(c.cid)] = c.seq
		}
	}
	return seqs, nil
}

func (tx *Tx) insertChannel(c chat.Channel) error {
	no, err := tx.channelsChanged()
	if err != nil {
		return err
	}
	ended, _, err := TxFirst(tx, ScanValue[int64], `SELECT COALESCE(MAX(seq), 0) FROM (SELECT seq FROM ended_logs WHERE cid = $1
		UNION ALL SELECT value FROM counters WHERE name = '`+logBase+`') AS before`, c.CID.String())
	if err != nil {
		return err
	}
	if ended > 0 {
		ended++ // so that a client that has seen the very end must also start again
		if _, err := tx.Change(`DELETE FROM ended_logs WHERE cid = $1`, c.CID.String()); err != nil {
			return err
		}
	}
	custom, extra, err := ownData(c)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO channels (no, cid, type, id, name, name_key, name_text, avatar, frozen, disabled, cooldown, custom, extra,
		seq, message_count, created_by, created_at, updated_at, last_message_at, log_floor)
		VALUES ($1, $2, $3, $4, $5, $6, $16, $7, $8, $9, $10, $11, $12, $15, 0, $13, $14, $14, 0, $15)`,
		no, c.CID.String(), string(c.CID.Type), c.CID.ID, c.Name, fold.Key(c.Name), c.Avatar, c.Frozen, c.Disabled, c.Cooldown,
		custom, extra, c.CreatedBy, Micros(c.CreatedAt), ended, fold.Text(c.Name))
	return err
}

func ownData(c chat.Channel) (custom, extra string, err error) {
	if custom, err = ToObject(c.Custom); err != nil {
		return "", "", err
	}
	extra, err = ToObject(c.ChannelExtra)
	return custom, extra, err
}

// HoldChannel returns a channel and whether it exists, and locks it against changes by other
// servers until this transaction ends.
func (tx *Tx) HoldChannel(cid chat.CID) (chat.Channel, bool, error) {
	return TxFirst(tx, ChannelScanner(), `UPDATE channels SET frozen = frozen WHERE cid = $1 RETURNING `+ChannelColumns, cid.String())
}

func (tx *Tx) putChannel(c chat.Channel) error {
	custom, extra, err := ownData(c)
	if err != nil {
		return err
	}
	n, err := tx.Change(`UPDATE channels SET name = $2, name_key = $3, name_text = $11, avatar = $4, frozen = $5, disabled = $6, cooldown = $7,
		custom = $8, extra = $9, updated_at = $10 WHERE cid = $1`,
		c.CID.String(), c.Name, fold.Key(c.Name), c.Avatar, c.Frozen, c.Disabled, c.Cooldown, custom, extra, Micros(c.UpdatedAt), fold.Text(c.Name))
	return tx.Noted(n, err)
}

// HasChannel reports whether there is a channel with that cid.
func (tx *Tx) HasChannel(cid chat.CID) (bool, error) {
	_, found, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM channels WHERE cid = $1`, cid.String())
	return found, err
}

// Noted makes the list of all channels be read again if a statement changed n > 0 rows.
func (tx *Tx) Noted(n int64, err error) error {
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.channelsChanged()
	return err
}

// logged is a channel and the end of its log.
type logged struct {
	no  int64
	cid string
	seq int64
}

func scanLogged(rows Row) (l logged, err error) {
	err = rows.Scan(&l.no, &l.cid, &l.seq)
	return l, err
}

func (tx *Tx) channelsChanged() (int64, error) {
	version, _, err := Returning(tx, ScanValue[int64],
		`UPDATE counters SET value = value + 1 WHERE name = 'channels' RETURNING value`)
	return version, err
}

// ChannelScanner returns a function that scans the channels of one query. It uses the same
// variables for all rows.
func ChannelScanner() func(Row) (chat.Channel, error) {
	var r struct {
		chat.Channel
		cid, custom, extra     string
		created, updated, last int64
	}
	fields := []any{&r.cid, &r.Name, &r.Avatar, &r.Frozen, &r.Disabled, &r.Cooldown, &r.MessageCount, &r.MemberCount, &r.Seq,
		&r.CreatedBy, &r.created, &r.updated, &r.last, &r.custom, &r.extra}
	return func(rows Row) (chat.Channel, error) {
		if err := rows.Scan(fields...); err != nil {
			return chat.Channel{}, err
		}
		c := r.Channel
		c.CID = SplitCID(r.cid)
		c.CreatedAt, c.UpdatedAt, c.LastMessageAt = Moment(r.created), Moment(r.updated), Moment(r.last)
		if err := FromObject(r.extra, &c.ChannelExtra); err != nil {
			return c, err
		}
		return c, FromObject(r.custom, &c.Custom)
	}
}

// SplitCID parses a cid as stored in the database.
func SplitCID(s string) chat.CID {
	kind, id, _ := strings.Cut(s, ":")
	return chat.CID{Type: chat.ChannelType(kind), ID: id}
}
