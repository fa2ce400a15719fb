package extra

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

func noMessageOf(id string) error {
	return chat.Missing("id", "Message with id %q doesn't exist.", id)
}

// maxHiddenMessages is the maximum number of a channel's messages that a user may delete for
// itself.
const maxHiddenMessages = 100

// HideMessage deletes a message for one user only. NotFound: the message. InvalidArguments: the
// user has hidden too many.
func (e *Engine) HideMessage(ctx context.Context, user, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, found, err := tx.Message(id)
		if err == nil && (!found || m.Erased) {
			err = noMessageOf(id)
		}
		if err != nil {
			return err
		}
		hidden, err := store.HiddenMessages(tx, m.CID, user)
		if err == nil && hidden >= maxHiddenMessages {
			err = chat.Invalid("delete_for_me", "A user deletes at most %d messages of a channel for itself.", maxHiddenMessages)
		}
		if err != nil {
			return err
		}
		return store.HideMessage(tx, m.CID, user, id, e.now())
	})
}

// UndeleteMessage restores the content of a deleted message. NotFound: the message.
// InvalidArguments: it isn't deleted, it was deleted permanently, or its parent is deleted.
func (e *Engine) UndeleteMessage(ctx context.Context, by chat.Actor, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, found, err := tx.Message(id)
		if err == nil && (!found || m.Erased) {
			err = noMessageOf(id)
		}
		if err == nil && m.DeletedAt.IsZero() {
			err = chat.Invalid("id", "The message isn't deleted.")
		}
		if err == nil && m.Parent != "" {
			if _, err = engine.ExistingMessage(tx, by, chat.CID{}, m.Parent); chat.CodeOf(err) == chat.NotFound {
				err = chat.Invalid("id", "The message replies to one that is deleted; undelete %q first.", m.Parent)
			}
		}
		if err != nil {
			return err
		}
		return e.undelete(tx, m, by)
	})
}

// undelete restores the content of a deleted message.
func (e *Engine) undelete(tx *sqlstore.Tx, m chat.Message, by chat.Actor) error {
	last, kept, err := store.LastVersion(tx, m.ID)
	if err == nil && !kept {
		err = chat.Invalid("id", "The message was deleted permanently: its content wasn't kept.")
	}
	if err != nil {
		return err
	}
	m.Text, m.Attachments, m.Mentions, m.Custom = last.Text, last.Attachments, last.Mentions, last.Custom
	m.WrittenBy, m.WrittenAt = last.WrittenBy, last.WrittenAt
	m.UpdatedAt, m.DeletedAt, m.DeletedBy = e.now(), time.Time{}, ""
	if err := tx.SetMessage(m); err != nil {
		return err
	}
	if err := store.DropLastVersion(tx, m.ID); err != nil {
		return err
	}
	return e.Record(tx, e.Entry(chat.MessageUpdated, by, m.CID, m.ID))
}
