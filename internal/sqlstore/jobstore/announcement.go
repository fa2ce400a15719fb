package jobstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const announcementColumns = `id, text, attachments, mentions, sender, sender_name, audience, created_by, created_at, updated_at`

// Announcement returns an announcement without its jobs, and whether it exists.
func Announcement(ctx context.Context, s *sqlstore.Store, id string) (chat.Announcement, bool, error) {
	rows, err := s.Query(ctx, `SELECT `+announcementColumns+` FROM announcements WHERE id = $1`, id)
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

// Readers counts the members of an announcement's channels, and those who have read it.
func Readers(ctx context.Context, s *sqlstore.Store, id string, message func(cid chat.CID) string) (r chat.Readers, err error) {
	rows, err := s.Query(ctx, `SELECT target FROM job_rows WHERE job = $1 AND state = 'DONE'`, id)
	cids, err := sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
	if err != nil {
		return r, err
	}
	for chunk := range sqlstore.Chunks(cids) {
		marks, args := sqlstore.In(chunk, func(cid string) any { return message(sqlstore.SplitCID(cid)) })
		rows, err := s.Query(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN b.read_seq >= m.seq THEN 1 ELSE 0 END), 0) FROM messages m
			JOIN channels c ON c.no = m.channel JOIN members b ON b.channel = c.no AND b.user_id <> m.sender WHERE m.id IN `+marks, args...)
		some, _, err := sqlstore.First(rows, err, func(rows sqlstore.Row) (some chat.Readers, err error) {
			err = rows.Scan(&some.Members, &some.Read)
			return some, err
		})
		if err != nil {
			return r, err
		}
		r.Members, r.Read = r.Members+some.Members, r.Read+some.Read
	}
	return r, nil
}

func scanAnnouncement(rows sqlstore.Row) (a chat.Announcement, err error) {
	var attachments, mentions, audience string
	var created, updated int64
	if err := rows.Scan(&a.ID, &a.Body.Text, &attachments, &mentions, &a.Body.Sender.ID, &a.Body.Sender.Name, &audience, &a.By, &created, &updated); err != nil {
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
