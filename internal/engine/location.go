package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// checkLocation completes where a new message says that its sender is, and says why it
// can't, or nil.
func (e *Engine) checkLocation(tx *sqlstore.Tx, m *chat.MessageDetail) error {
	if m.Location == nil {
		return nil
	}
	l := *m.Location
	l.MessageID, l.CID, l.UserID, l.CreatedAt, l.UpdatedAt = m.ID, m.CID, m.Sender.ID, m.CreatedAt, m.CreatedAt
	m.Location = &l
	if err := m.Location.Check(); err != nil {
		return err
	}
	if m.Location.EndAt.IsZero() {
		return nil
	}
	if !m.Location.Live(m.CreatedAt) {
		return chat.Invalid("end_at", "end_at must be in the future.")
	}
	n, err := tx.CountLocations(m.Sender.ID, e.now())
	if err == nil && n >= chat.MaxLocations {
		err = chat.Invalid("shared_location", "A user has at most %d live locations; end one first.", chat.MaxLocations)
	}
	return err
}

// keepLocation stores where a new message says that its sender is.
func (e *Engine) keepLocation(tx *sqlstore.Tx, m chat.MessageDetail) error {
	if m.Location == nil {
		return nil
	}
	l := *m.Location
	l.CreatedAt, l.UpdatedAt = m.CreatedAt, m.CreatedAt // of a pending message, when it is committed
	return tx.PutLocation(l)
}

// MoveLocation has change work on a user's live location. NotFound: the message has
// none of the user's; InvalidArguments: it isn't live, or no longer.
func (e *Engine) MoveLocation(ctx context.Context, message, user string, change func(l *chat.Location)) (l chat.Location, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		var found bool
		l, found, err = tx.Location(message)
		switch {
		case err != nil:
			return err
		case !found || l.UserID != user:
			return chat.Missing("message_id", "The user shares no location in the message %q.", message)
		case !l.Live(e.now()):
			return chat.Invalid("message_id", "The location isn't live: it can't change.")
		}
		change(&l)
		if err := l.Check(); err != nil {
			return err
		}
		l.UpdatedAt = e.now()
		return tx.PutLocation(l)
	})
	return l, err
}

// LiveLocations returns where a user says that it is, the newest first.
func (e *Engine) LiveLocations(ctx context.Context, user string) ([]chat.Location, error) {
	return e.store.LiveLocations(ctx, user, e.now())
}
