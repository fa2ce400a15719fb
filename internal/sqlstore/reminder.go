package sqlstore

import (
	"context"
	"database/sql"

	"backchannel/internal/chat"
)

// reminderNoun is what may be asked of reminders, which are r, in the channels c.
func reminderNoun() noun {
	return noun{
		tie: "r.remind_at, r.created_at, r.message",
		fields: map[string]field{
			"message_id":  is(ofText, "r.message"),
			"user_id":     is(ofText, "r.user_id"),
			"channel_cid": is(ofText, "c.cid"),
			"remind_at":   is(ofMoment, "r.remind_at"),
			"created_at":  is(ofMoment, "r.created_at"),
			"updated_at":  is(ofMoment, "r.updated_at"),
		},
	}
}

const (
	reminderColumns = `r.message, r.user_id, c.cid, r.remind_at, r.created_at, r.updated_at`
	reminderTables  = `reminders r JOIN channels c ON c.no = r.channel`
)

// SearchReminders returns those of a user's reminders that match, in order, those
// without a time and those due first where nothing else is asked. InvalidArguments:
// the filter or sort asks what can't be asked.
func (s *Store) SearchReminders(ctx context.Context, user string, q chat.Listing) ([]chat.Reminder, error) {
	l := &listing{dialect: s.dialect, noun: reminderNoun()}
	rest, refused := l.rest(`r.user_id = `+l.bind(user), q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+reminderColumns+` FROM `+reminderTables+rest, l.args...)
	return collect(rows, err, scanReminder)
}

// Reminder returns a user's reminder of a message, and whether there is one.
func (tx *Tx) Reminder(message, user string) (chat.Reminder, bool, error) {
	return txFirst(tx, scanReminder, `SELECT `+reminderColumns+` FROM `+reminderTables+` WHERE r.message = $1 AND r.user_id = $2`, message, user)
}

// CountReminders counts a user's reminders.
func (tx *Tx) CountReminders(user string) (int64, error) {
	n, _, err := txFirst(tx, scanValue[int64], `SELECT COUNT(*) FROM reminders WHERE user_id = $1`, user)
	return n, err
}

// PutReminder stores a reminder, or its new time.
func (tx *Tx) PutReminder(r chat.Reminder) error {
	_, err := tx.change(`INSERT INTO reminders (message, user_id, channel, remind_at, created_at, updated_at)
		SELECT $1, $2, no, $4, $5, $6 FROM channels WHERE cid = $3
		ON CONFLICT (message, user_id) DO UPDATE SET remind_at = excluded.remind_at, updated_at = excluded.updated_at`,
		r.MessageID, r.UserID, r.CID.String(), micros(r.At), micros(r.CreatedAt), micros(r.UpdatedAt))
	return err
}

// DropReminder removes a reminder and reports whether there was one.
func (tx *Tx) DropReminder(message, user string) (bool, error) {
	n, err := tx.change(`DELETE FROM reminders WHERE message = $1 AND user_id = $2`, message, user)
	return n > 0, err
}

func scanReminder(rows *sql.Rows) (r chat.Reminder, err error) {
	var cid string
	var due, created, updated int64
	err = rows.Scan(&r.MessageID, &r.UserID, &cid, &due, &created, &updated)
	r.CID, r.At, r.CreatedAt, r.UpdatedAt = splitCID(cid), moment(due), moment(created), moment(updated)
	return r, err
}
