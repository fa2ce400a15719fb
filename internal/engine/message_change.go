package engine

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// messageToWrite returns a message that may be changed; NotFound, also where it is
// deleted.
func messageToWrite(tx *sqlstore.Tx, id string) (chat.MessageDetail, error) {
	m, found, err := tx.MessageDetail(id)
	if err == nil && (!found || !m.DeletedAt.IsZero()) {
		err = noMessage()
	}
	return m, err
}

// rewrite stores what a message is from now on, and what it said before where that
// changes.
func (e *Engine) rewrite(tx *sqlstore.Tx, old, m chat.MessageDetail, by chat.Actor) error {
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
	if err := tx.SetMessageDetail(m); err != nil {
		return err
	}
	by.ID = e.or(by, m)
	return e.record(tx, e.about(chat.MessageUpdated, by, m.CID, m.ID))
}

// or is who did something to a message: its sender, where the caller's back end
// says nobody.
func (e *Engine) or(by chat.Actor, m chat.MessageDetail) string {
	if by.ID == "" {
		return m.Sender.ID
	}
	return by.ID
}

// empty removes what a message says: for good, or keeping it aside in case somebody
// wants it back.
func (e *Engine) empty(tx *sqlstore.Tx, m chat.MessageDetail, by chat.Actor, forGood bool) error {
	keep := tx.KeepVersion
	if forGood {
		keep = tx.ForgetContent
		m.HTML, m.MML = "", ""
	}
	if err := keep(m); err != nil {
		return err
	}
	m.Text, m.Attachments, m.Mentions, m.Custom = "", nil, nil, nil
	m.Pin(false, time.Time{}, "", time.Time{})
	m.UpdatedAt = e.now()
	m.DeletedAt, m.DeletedBy = m.UpdatedAt, e.or(by, m)
	if err := tx.SetMessageDetail(m); err != nil {
		return err
	}
	by.ID = m.DeletedBy
	return e.record(tx, e.about(chat.MessageDeleted, by, m.CID, m.ID))
}

// erase removes a message for good, with its replies. Its number stays taken, so
// that the log has no gap.
func (e *Engine) erase(tx *sqlstore.Tx, m chat.MessageDetail, by chat.Actor) error {
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

// ChangeMessage has change work on what a message says and is, and stores the
// outcome. NotFound, also where the message is deleted; InvalidArguments as with
// [Engine.PostMessage]. An error of change is returned and nothing is stored.
func (e *Engine) ChangeMessage(ctx context.Context, by chat.Actor, id string, change func(m *chat.MessageDetail) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		old, err := messageToWrite(tx, id)
		if err != nil {
			return err
		}
		if !old.PinnedNow(e.now()) {
			old.Pin(false, time.Time{}, "", e.now())
		}
		m := old
		if err := change(&m); err != nil {
			return err
		}
		if err := m.CheckDetail(); err != nil {
			return err
		}
		if err := e.checkMessage(tx, m.CID, chat.Content{Text: m.Text, Files: len(m.Attachments) > 0}); err != nil {
			return err
		}
		if err := checkReferences(tx, newReferences(old, m)); err != nil {
			return err
		}
		return e.rewrite(tx, old, m, by)
	})
}

// newReferences is a message that points only to what it didn't point to before:
// the rest may be gone since.
func newReferences(old, m chat.MessageDetail) chat.MessageDetail {
	m.Parent = ""
	if m.QuotedID == old.QuotedID {
		m.QuotedID = ""
	}
	m.Mentions = slices.DeleteFunc(slices.Clone(m.Mentions), func(u chat.User) bool {
		return slices.ContainsFunc(old.Mentions, func(known chat.User) bool { return known.ID == u.ID })
	})
	return m
}

// DeleteMessageDetail deletes a message: what it says, or for good with all that
// belongs to it. One that is deleted already stays so. NotFound.
func (e *Engine) DeleteMessageDetail(ctx context.Context, by chat.Actor, id string, forGood bool) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, found, err := tx.MessageDetail(id)
		switch {
		case err != nil:
			return err
		case !found:
			return noMessageDetail(id)
		case forGood:
			return e.erase(tx, m, by)
		case !m.DeletedAt.IsZero():
			return nil
		}
		return e.empty(tx, m, by, false)
	})
}

func noMessageDetail(id string) error {
	return chat.Missing("id", "Message with id %q doesn't exist.", id)
}

// maxHiddenMessages is how many messages of a channel a user may delete for itself.
const maxHiddenMessages = 100

// HideMessage deletes a message for one user only. NotFound; InvalidArguments: the
// user did so with too many.
func (e *Engine) HideMessage(ctx context.Context, user, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, found, err := tx.MessageDetail(id)
		if err == nil && !found {
			err = noMessageDetail(id)
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
		m, found, err := tx.MessageDetail(id)
		if err == nil && !found {
			err = noMessageDetail(id)
		}
		if err == nil && m.DeletedAt.IsZero() {
			err = chat.Invalid("id", "The message isn't deleted.")
		}
		if err == nil && m.Parent != "" {
			if _, err = messageToWrite(tx, m.Parent); chat.CodeOf(err) == chat.NotFound {
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
func (e *Engine) undelete(tx *sqlstore.Tx, m chat.MessageDetail, by chat.Actor) error {
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
	if err := tx.SetMessageDetail(m); err != nil {
		return err
	}
	if err := tx.DropLastVersion(m.ID); err != nil {
		return err
	}
	return e.record(tx, e.about(chat.MessageUpdated, by, m.CID, m.ID))
}
