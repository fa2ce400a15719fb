package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"backchannel/internal/chat"
)

// AppendMessage takes the next number of the message's channel and stores it
// there. It reports whether it did: not where the channel doesn't exist, or is
// frozen and evenFrozen is false.
func (tx *Tx) AppendMessage(m chat.Message, evenFrozen bool) (bool, error) {
	at := micros(m.CreatedAt)
	place, found, err := returning(tx, scanPlace, `UPDATE channels
		SET seq = seq + 1, message_count = message_count + 1, last_message_at = $2
		WHERE cid = $1 AND (NOT frozen OR $3) RETURNING no, seq`, m.CID.String(), at, evenFrozen)
	if err != nil || !found {
		return false, err
	}
	attachments, err := toJSON(m.Attachments)
	if err != nil {
		return false, err
	}
	ids := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		ids[i] = u.ID
	}
	mentions, err := toJSON(ids)
	if err != nil {
		return false, err
	}
	_, err = tx.change(`INSERT INTO messages (id, channel, seq, sender, text, attachments, mentions, created_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		m.ID, place.channel, place.seq, m.Sender.ID, m.Text, attachments, mentions, at)
	return err == nil, err
}

// MessageSender returns who sent a message of that channel, and whether there is
// such a message.
func (tx *Tx) MessageSender(cid chat.CID, id string) (sender string, found bool, err error) {
	return txFirst(tx, scanValue[string], `SELECT m.sender FROM messages m JOIN channels c ON c.no = m.channel
		WHERE m.id = $1 AND c.cid = $2`, id, cid.String())
}

// EmptyMessage removes what a message says and keeps its place. One that is
// empty already keeps its time.
func (tx *Tx) EmptyMessage(id string, at time.Time) error {
	_, err := tx.change(`UPDATE messages SET text = '', attachments = '', mentions = '', deleted_at = $2
		WHERE id = $1 AND deleted_at = 0`, id, micros(at))
	return err
}

// Messages returns up to q.Limit+1 messages of a channel in the order they are
// asked for: from the end, the last comes first. It reports whether there is such
// a channel.
func (s *Store) Messages(ctx context.Context, q chat.MessageQuery) (list []chat.Message, found bool, err error) {
	rows, err := s.query(ctx, `SELECT no FROM channels WHERE cid = $1`, q.CID.String())
	no, found, err := first(rows, err, scanValue[int64])
	if err != nil || !found {
		return nil, found, err
	}
	before := q.Before
	if before == 0 {
		before = math.MaxInt64
	}
	order := "ASC"
	if q.FromEnd {
		order = "DESC"
	}
	rows, err = s.query(ctx, `SELECT m.id, m.seq, m.text, m.attachments, m.mentions, m.created_at, m.deleted_at,
		u.id, u.name, u.role, u.created_at, u.updated_at
		FROM messages m JOIN users u ON u.id = m.sender
		WHERE m.channel = $1 AND m.seq > $2 AND m.seq < $3 ORDER BY m.seq `+order+` LIMIT $4`,
		no, q.After, before, q.Limit+1)
	list, err = collect(rows, err, func(rows *sql.Rows) (chat.Message, error) { return scanMessage(rows, q.CID) })
	if err != nil {
		return nil, true, err
	}
	return list, true, s.fillMentions(ctx, list)
}

// fillMentions completes the users mentioned, who are but ids so far.
func (s *Store) fillMentions(ctx context.Context, list []chat.Message) error {
	var ids []string
	for _, m := range list {
		for _, u := range m.Mentions {
			ids = append(ids, u.ID)
		}
	}
	users, err := s.usersByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range list {
		for i, u := range m.Mentions {
			m.Mentions[i] = users[u.ID]
		}
	}
	return nil
}

type place struct{ channel, seq int64 }

func scanPlace(rows *sql.Rows) (p place, err error) {
	err = rows.Scan(&p.channel, &p.seq)
	return p, err
}

func scanMessage(rows *sql.Rows, cid chat.CID) (chat.Message, error) {
	m := chat.Message{CID: cid}
	var attachments, mentions string
	var created, deleted, userCreated, userUpdated int64
	err := rows.Scan(&m.ID, &m.Seq, &m.Text, &attachments, &mentions, &created, &deleted,
		&m.Sender.ID, &m.Sender.Name, &m.Sender.Role, &userCreated, &userUpdated)
	if err != nil {
		return m, err
	}
	m.CreatedAt, m.DeletedAt = moment(created), moment(deleted)
	m.Sender.CreatedAt, m.Sender.UpdatedAt = moment(userCreated), moment(userUpdated)
	if err := fromJSON(attachments, &m.Attachments); err != nil {
		return m, err
	}
	var ids []string
	err = fromJSON(mentions, &ids)
	for _, id := range ids {
		m.Mentions = append(m.Mentions, chat.User{ID: id})
	}
	return m, err
}

func toJSON[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding a list: %w", err)
	}
	return string(text), nil
}

func fromJSON[T any](text string, list *[]T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}
