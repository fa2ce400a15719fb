package jobstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const announcementColumns = `id, text, attachments, mentions, sender, sender_name, audience, created_by, created_at, updated_at`

const oneAnnouncement = `SELECT ` + announcementColumns + `, EXISTS (SELECT 1 FROM users u WHERE u.id = sender AND u.deleted_at <> 0)
	FROM announcements WHERE id = $1`

// Announcement returns an announcement without its jobs, and whether it exists.
func Announcement(ctx context.Context, s *sqlstore.Store, id string) (chat.Announcement, bool, error) {
	rows, err := s.Query(ctx, oneAnnouncement, id)
	return sqlstore.First(rows, err, scanAnnouncement)
}

// PutAnnouncement stores an announcement, without its jobs.
func PutAnnouncement(tx *sqlstore.Tx, a chat.Announcement) error {
	attachments, err := list(a.Body.Attachments)
	if err != nil {
		return err
	}
	mentions, err := list(a.Body.Mentions)
	if err != nil {
		return err
	}
	audience, err := json.Marshal(a.Audience)
	if err != nil {
		return fmt.Errorf("encoding an audience: %w", err)
	}
	_, err = tx.Change(`INSERT INTO announcements (`+announcementColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET text = $2, attachments = $3, mentions = $4, sender = $5, sender_name = $6, audience = $7, updated_at = $10`,
		a.ID, a.Body.Text, attachments, mentions, a.Body.Sender.ID, a.Body.Sender.Name, string(audience), a.By,
		sqlstore.Micros(a.CreatedAt), sqlstore.Micros(a.UpdatedAt))
	return err
}

// SetBody stores the new content of an announcement.
func SetBody(tx *sqlstore.Tx, id string, b chat.MessageBody, at time.Time) error {
	attachments, err := list(b.Attachments)
	if err != nil {
		return err
	}
	mentions, err := list(b.Mentions)
	if err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE announcements SET text = $2, attachments = $3, mentions = $4, updated_at = $5 WHERE id = $1`,
		id, b.Text, attachments, mentions, sqlstore.Micros(at))
	return err
}

// DropDraft removes an announcement with its job, which has no rows.
func DropDraft(tx *sqlstore.Tx, id string) error {
	for _, text := range []string{`DELETE FROM announcements WHERE id = $1`, `DELETE FROM jobs WHERE id = $1`} {
		if _, err := tx.Change(text, id); err != nil {
			return err
		}
	}
	return nil
}

// CountAnnouncements returns the number of announcements.
func CountAnnouncements(tx *sqlstore.Tx) (int64, error) {
	n, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT COUNT(*) FROM announcements`)
	return n, err
}

// FindAnnouncement is Announcement within a transaction.
func FindAnnouncement(tx *sqlstore.Tx, id string) (chat.Announcement, error) {
	a, _, err := sqlstore.TxFirst(tx, scanAnnouncement, oneAnnouncement, id)
	return a, err
}

func sameJSON(a, b json.RawMessage) bool { return bytes.Equal(a, b) }

// PutBodyBack stores what an announcement said before an edit, unless it was edited again since.
func PutBodyBack(tx *sqlstore.Tx, id string, edited, before chat.MessageBody, at time.Time) error {
	a, err := FindAnnouncement(tx, id)
	now := a.Body
	same := now.Text == edited.Text && slices.EqualFunc(now.Attachments, edited.Attachments, sameJSON) && slices.Equal(now.Mentions, edited.Mentions)
	if err != nil || !same {
		return err
	}
	return SetBody(tx, id, before, at)
}

// Readers counts who has read an announcement, among the members of the channels that have it. Where
// the job recall, "" for none, has deleted the message, it counts those who had read it by then.
func Readers(ctx context.Context, s *sqlstore.Store, id, recall string, message func(cid chat.CID) string) (all chat.Readers, err error) {
	rows, err := s.Query(ctx, `SELECT r.target, COALESCE(t.readers, -1) FROM job_rows r
		LEFT JOIN job_rows t ON t.job = $2 AND t.target = r.target AND t.state = 'DONE' WHERE r.job = $1 AND r.state = 'DONE'`, id, recall)
	list, err := sqlstore.Collect(rows, err, func(rows sqlstore.Row) (at readersAt, err error) {
		err = rows.Scan(&at.target, &at.read)
		return at, err
	})
	if err != nil {
		return all, err
	}
	then := make(map[string]int64, len(list))
	for chunk := range sqlstore.Chunks(list) {
		marks, args := sqlstore.In(chunk, func(at readersAt) any { return message(sqlstore.SplitCID(at.target)) })
		for _, at := range chunk {
			then[at.target] = at.read
		}
		rows, err := s.Query(ctx, `SELECT c.cid, m.deleted_at <> 0, COUNT(*), COALESCE(SUM(CASE WHEN b.read_seq >= m.seq THEN 1 ELSE 0 END), 0) FROM messages m
			JOIN channels c ON c.no = m.channel JOIN members b ON b.channel = c.no AND b.user_id <> m.sender
			WHERE m.id IN `+marks+` GROUP BY c.cid, m.deleted_at`, args...)
		some, err := sqlstore.Collect(rows, err, func(rows sqlstore.Row) (at readersAt, err error) {
			err = rows.Scan(&at.target, &at.deleted, &at.members, &at.read)
			return at, err
		})
		if err != nil {
			return all, err
		}
		for _, at := range some {
			if before := then[at.target]; at.deleted && before >= 0 {
				at.read = min(before, at.members)
			}
			all.Members, all.Read = all.Members+at.members, all.Read+at.read
		}
	}
	return all, nil
}

// readersAt are the readers of an announcement in one channel.
type readersAt struct {
	target        string // a cid
	deleted       bool   // whether the message is
	members, read int64
}

func scanAnnouncement(rows sqlstore.Row) (a chat.Announcement, err error) {
	var attachments, mentions, audience string
	var created, updated int64
	if err := rows.Scan(&a.ID, &a.Body.Text, &attachments, &mentions, &a.Body.Sender.ID, &a.Body.Sender.Name, &audience, &a.By, &created, &updated, &a.SenderDeleted); err != nil {
		return a, err
	}
	a.CreatedAt, a.UpdatedAt = sqlstore.Moment(created), sqlstore.Moment(updated)
	if err := sqlstore.FromJSON(attachments, &a.Body.Attachments); err != nil {
		return a, err
	}
	if err := sqlstore.FromJSON(mentions, &a.Body.Mentions); err != nil {
		return a, err
	}
	err = json.Unmarshal([]byte(audience), &a.Audience)
	return a, err
}

func list[T any](items []T) (string, error) {
	if len(items) == 0 {
		return "", nil
	}
	text, err := json.Marshal(items)
	if err != nil {
		return "", fmt.Errorf("encoding a list: %w", err)
	}
	return string(text), nil
}
