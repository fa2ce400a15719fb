package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// rewrite stores what a message is from now on, and what it said before where that
// changes.
func (e *Engine) rewrite(tx *sqlstore.Tx, old, m chat.Message, by chat.Actor) error {
	m.UpdatedAt = e.now()
	if !m.SaysTheSame(old) {
		if err := tx.KeepVersion(old); err != nil {
			return err
		}
		m.WrittenBy, m.WrittenAt = e.or(by, m), m.UpdatedAt
	}
	if m.Text != old.Text {
		m.EditedAt = m.UpdatedAt
	}
	if err := tx.SetMessage(m); err != nil {
		return err
	}
	by.ID = e.or(by, m)
	return e.record(tx, e.about(chat.MessageUpdated, by, m.CID, m.ID))
}

// or is who did something to a message: its sender, where the caller's back end
// says nobody.
func (e *Engine) or(by chat.Actor, m chat.Message) string {
	if by.ID == "" {
		return m.Sender.ID
	}
	return by.ID
}

// empty removes what a message says: for good, or keeping it aside in case somebody
// wants it back.
func (e *Engine) empty(tx *sqlstore.Tx, m chat.Message, by chat.Actor, forGood bool) error {
	keep := tx.KeepVersion
	if forGood {
		keep = func(m chat.Message) error { return tx.ForgetContent(m.ID) }
		m.HTML, m.MML = "", ""
	}
	if err := keep(m); err != nil {
		return err
	}
	m.Text, m.Attachments, m.Mentions, m.Custom = "", nil, nil, nil
	m.Pin(false, time.Time{}, "", time.Time{})
	m.UpdatedAt = e.now()
	m.DeletedAt, m.DeletedBy = m.UpdatedAt, e.or(by, m)
	if err := tx.SetMessage(m); err != nil {
		return err
	}
	by.ID = m.DeletedBy
	return e.record(tx, e.about(chat.MessageDeleted, by, m.CID, m.ID))
}

// erase removes a message for good, with its replies. Its number stays taken, so
// that the log has no gap.
func (e *Engine) erase(tx *sqlstore.Tx, m chat.Message, by chat.Actor) error {
	replies, err := tx.RepliesTo(m.ID)
	if err != nil {
		return err
	}
	for _, one := range append(replies, m) {
		if err := tx.EraseMessage(one, e.now()); err != nil {
			return err
		}
		by := chat.Actor{ID: e.or(by, one)}
		if err := e.record(tx, e.about(chat.MessageDeleted, by, one.CID, one.ID)); err != nil {
			return err
		}
	}
	return nil
}

// addsFiles reports whether a message carries attachments that it didn't.
func addsFiles(old, m chat.Message) bool {
	return slices.ContainsFunc(m.Attachments, func(raw json.RawMessage) bool {
		return !slices.ContainsFunc(old.Attachments, func(had json.RawMessage) bool { return bytes.Equal(raw, had) })
	})
}

// newReferences is a message that points only to what it didn't point to before:
// the rest may be gone since.
func newReferences(old, m chat.Message) chat.Message {
	m.Parent = ""
	if m.QuotedID == old.QuotedID {
		m.QuotedID = ""
	}
	m.Mentions = slices.DeleteFunc(slices.Clone(m.Mentions), func(u chat.User) bool {
		return slices.ContainsFunc(old.Mentions, func(known chat.User) bool { return known.ID == u.ID })
	})
	return m
}

func noMessageOf(id string) error {
	return chat.Missing("id", "Message with id %q doesn't exist.", id)
}

// maxHiddenMessages is how many messages of a channel a user may delete for itself.
const maxHiddenMessages = 100

// HideMessage deletes a message for one user only. NotFound; InvalidArguments: the
// user did so with too many.
func (e *Engine) HideMessage(ctx context.Context, user, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, found, err := tx.Message(id)
		if err == nil && (!found || m.Erased) {
			err = noMessageOf(id)
		}
		if err != nil {
			return err
		}
		hidden, err := tx.HiddenMessages(m.CID, user)
		if err == nil && hidden >= maxHiddenMessages {
			err = chat.Invalid("delete_for_me", "A user deletes at most %d messages of a channel for itself.", maxHiddenMessages)
		}
		if err != nil {
			return err
		}
		return tx.HideMessage(m.CID, user, id, e.now())
	})
}

// UndeleteMessage brings back what a deleted message said. NotFound;
// InvalidArguments: it isn't deleted, or for good, or it replies to a message that is.
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
			if _, err = standingMessage(tx, by, chat.CID{}, m.Parent); chat.CodeOf(err) == chat.NotFound {
				err = chat.Invalid("id", "The message replies to one that is deleted; undelete %q first.", m.Parent)
			}
		}
		if err != nil {
			return err
		}
		return e.undelete(tx, m, by)
	})
}

// undelete brings back what a deleted message said.
func (e *Engine) undelete(tx *sqlstore.Tx, m chat.Message, by chat.Actor) error {
	last, kept, err := tx.LastVersion(m.ID)
	if err == nil && !kept {
		err = chat.Invalid("id", "The message was deleted for good: what it said wasn't kept.")
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
	if err := tx.DropLastVersion(m.ID); err != nil {
		return err
	}
	return e.record(tx, e.about(chat.MessageUpdated, by, m.CID, m.ID))
}
