package sqlstore

import (
	"context"
	"database/sql"

	"backchannel/internal/chat"
)

// microsPerDay turns the database's times into days.
const microsPerDay = "86400000000"

// Sent returns who sent how much to which team's channels on which of those days, the
// messages that are deleted since among it, and how much was sent to each team's
// channels before. It reads all messages.
func (s *Store) Sent(ctx context.Context, from, to chat.Day) (sent []chat.UsageRecord, before map[string]int64, err error) {
	rows, err := s.query(ctx, `SELECT no, extra FROM channels`)
	teams := map[int64]string{}
	_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
		var no int64
		var text string
		var extra chat.ChannelExtra
		if err = rows.Scan(&no, &text); err == nil {
			err = fromObject(text, &extra)
		}
		teams[no] = extra.Team
		return none, err
	})
	if err != nil {
		return nil, nil, err
	}
	rows, err = s.query(ctx, `SELECT channel, sender, created_at / `+microsPerDay+`, COUNT(*) FROM messages
		WHERE created_at >= $1 AND created_at < $2 GROUP BY channel, sender, created_at / `+microsPerDay,
		micros(from.Start()), micros((to + 1).Start()))
	sent, err = collect(rows, err, func(rows *sql.Rows) (r chat.UsageRecord, err error) {
		var channel int64
		err = rows.Scan(&channel, &r.User, &r.Day, &r.Count)
		r.Team = teams[channel]
		return r, err
	})
	if err != nil {
		return nil, nil, err
	}
	before = map[string]int64{}
	rows, err = s.query(ctx, `SELECT channel, COUNT(*) FROM messages WHERE created_at < $1 GROUP BY channel`, micros(from.Start()))
	_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
		var channel, n int64
		err = rows.Scan(&channel, &n)
		before[teams[channel]] += n
		return none, err
	})
	return sent, before, err
}

// UsageUsers returns the users that there are, by the end of a day.
func (s *Store) UsageUsers(ctx context.Context, to chat.Day) ([]chat.UsageUser, error) {
	rows, err := s.query(ctx, `SELECT id, extra, created_at / `+microsPerDay+` FROM users WHERE created_at < $1 AND deleted_at = 0`,
		micros((to + 1).Start()))
	return collect(rows, err, func(rows *sql.Rows) (u chat.UsageUser, err error) {
		var text string
		var extra chat.UserExtra
		if err = rows.Scan(&u.ID, &text, &u.Since); err == nil {
			err = fromObject(text, &extra)
		}
		u.Teams = extra.Teams
		return u, err
	})
}
