package sqlstore

import (
	"context"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

// Restrictions returns the bans and mutes of one channel that are valid at that time, newest first,
// up to the limit, and whether the channel exists.
func (s *Store) Restrictions(ctx context.Context, cid chat.CID, at time.Time, limit int) ([]chat.ChannelRestriction, bool, error) {
	no, found, err := s.channelNo(ctx, cid)
	if err != nil || !found {
		return nil, found, err
	}
	rows, err := s.Query(ctx, `SELECT u.id, u.name, u.role, u.created_at, u.updated_at, r.kind, r.until, r.made_by, r.reason, r.created_at, ''
		FROM restrictions r JOIN users u ON u.id = r.user_id
		WHERE r.channel = $1 AND r.kind IN ('ban', 'mute') AND (r.until = 0 OR r.until > $2)
		ORDER BY r.created_at DESC, r.user_id, r.kind LIMIT $3`, no, Micros(at), limit)
	list, err := Collect(rows, err, scanChannelRestriction)
	for i := range list {
		list[i].CID = cid
	}
	return list, true, err
}

// AddRestrictions adds to users their bans, shadow bans and mutes in all channels that are valid at
// that time.
func (s *Store) AddRestrictions(ctx context.Context, list []chat.User, at time.Time) error {
	ids := make([]string, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	type held struct {
		user string
		kind chat.RestrictionKind
	}
	found := map[held]*chat.Restriction{}
	for chunk := range Chunks(ids) {
		marks, args := In(chunk, Same)
		n := strconv.Itoa(len(args) + 1)
		rows, err := s.Query(ctx, `SELECT user_id, '', kind, until, made_by, reason, created_at FROM restrictions
			WHERE channel = 0 AND user_id IN `+marks+` AND (until = 0 OR until > $`+n+`)`, append(args, Micros(at))...)
		some, err := Collect(rows, err, ScanRestriction)
		if err != nil {
			return err
		}
		for _, r := range some {
			found[held{r.UserID, r.Kind}] = &r
		}
	}
	for i, u := range list {
		of := func(kind chat.RestrictionKind) *chat.Restriction { return found[held{u.ID, kind}] }
		list[i].Ban, list[i].Mute, list[i].Shadow = of(chat.Ban), of(chat.Mute), of(chat.Shadow)
	}
	return nil
}

// Restriction returns a restriction and whether it is valid at a time.
func (tx *Tx) Restriction(kind chat.RestrictionKind, user string, cid chat.CID, at time.Time) (chat.Restriction, bool, error) {
	channel, err := tx.restrictedChannel(cid)
	if err != nil {
		return chat.Restriction{}, false, err
	}
	return TxFirst(tx, ScanRestriction, `SELECT user_id, '', kind, until, made_by, reason, created_at FROM restrictions
		WHERE user_id = $1 AND channel = $2 AND kind = $3 AND (until = 0 OR until > $4)`, user, channel, string(kind), Micros(at))
}

func (tx *Tx) restrict(r chat.Restriction) error {
	channel, err := tx.restrictedChannel(r.CID)
	if err != nil {
		return err
	}
	_, err = tx.Change(`INSERT INTO restrictions (user_id, channel, kind, until, made_by, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, channel, kind) DO UPDATE SET until = excluded.until,
		made_by = excluded.made_by, reason = excluded.reason, created_at = excluded.created_at`,
		r.UserID, channel, string(r.Kind), Micros(r.Until), r.By, r.Reason, Micros(r.CreatedAt))
	return err
}

func (tx *Tx) liftRestriction(kind chat.RestrictionKind, user string, cid chat.CID) (bool, error) {
	channel, err := tx.restrictedChannel(cid)
	if err != nil {
		return false, err
	}
	n, err := tx.Change(`DELETE FROM restrictions WHERE user_id = $1 AND channel = $2 AND kind = $3`, user, channel, string(kind))
	return n > 0, err
}

func (tx *Tx) restrictedChannel(cid chat.CID) (int64, error) {
	if cid == (chat.CID{}) {
		return 0, nil
	}
	no, _, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM channels WHERE cid = $1`, cid.String())
	return no, err
}

// ScanRestriction scans a ban or mute.
func ScanRestriction(rows Row) (r chat.Restriction, err error) {
	var cid string
	var until, created int64
	err = rows.Scan(&r.UserID, &cid, &r.Kind, &until, &r.By, &r.Reason, &created)
	if cid != "" {
		r.CID = SplitCID(cid)
	}
	r.Until, r.CreatedAt = Moment(until), Moment(created)
	return r, err
}

func scanChannelRestriction(rows Row) (r chat.ChannelRestriction, err error) {
	var made, changed, until, created int64
	var cid string
	err = rows.Scan(&r.User.ID, &r.User.Name, &r.User.Role, &made, &changed, &r.Kind, &until, &r.By, &r.Reason, &created, &cid)
	if cid != "" {
		r.CID = SplitCID(cid)
	}
	r.User.CreatedAt, r.User.UpdatedAt = Moment(made), Moment(changed)
	r.UserID, r.Until, r.CreatedAt = r.User.ID, Moment(until), Moment(created)
	return r, err
}
