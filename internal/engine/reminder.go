package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Remind keeps a user's wish to come back to a message at a time, zero for some time.
// NotFound: the message; InvalidArguments: there is a reminder already, the user has
// too many, or the channel has them switched off.
func (e *Engine) Remind(ctx context.Context, message, user string, at time.Time) (r chat.Reminder, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, err := messageToWrite(tx, message)
		if err != nil {
			return err
		}
		if err := e.checkReminder(tx, m.CID); err != nil {
			return err
		}
		_, found, err := tx.Reminder(message, user)
		if err == nil && found {
			err = chat.Invalid("message_id", "The user has a reminder of this message already; update it.")
		}
		if err != nil {
			return err
		}
		n, err := tx.CountReminders(user)
		if err == nil && n >= chat.MaxReminders {
			err = chat.Invalid("user_id", "A user has at most %d reminders.", chat.MaxReminders)
		}
		if err != nil {
			return err
		}
		r = chat.Reminder{MessageID: message, UserID: user, CID: m.CID, At: at, CreatedAt: e.now(), UpdatedAt: e.now()}
		return tx.PutReminder(r)
	})
	return r, err
}

// MoveReminder sets the time of a reminder; NotFound.
func (e *Engine) MoveReminder(ctx context.Context, message, user string, at time.Time) (r chat.Reminder, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		var found bool
		r, found, err = tx.Reminder(message, user)
		if err == nil && !found {
			err = noReminder()
		}
		if err != nil {
			return err
		}
		r.At, r.UpdatedAt = at, e.now()
		return tx.PutReminder(r)
	})
	return r, err
}

// DropReminder removes a reminder; NotFound.
func (e *Engine) DropReminder(ctx context.Context, message, user string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, err := tx.DropReminder(message, user)
		if err == nil && !found {
			err = noReminder()
		}
		return err
	})
}

func noReminder() error {
	return chat.Missing("message_id", "The user has no reminder of this message.")
}

// SearchReminders returns those of a user's reminders that match, those without a
// time and then the earliest first where nothing else is asked. InvalidArguments: the
// filter or sort asks what can't be asked.
func (e *Engine) SearchReminders(ctx context.Context, user string, q chat.Listing) ([]chat.Reminder, error) {
	return e.store.SearchReminders(ctx, user, q)
}
