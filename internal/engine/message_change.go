package engine

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// rewrite stores a changed message, and its previous version if the content has changed.
func (e *Effects) rewrite(tx *sqlstore.Tx, old, m chat.Message, by chat.Actor) error {
	m.UpdatedAt = e.now()
	if !m.SaysTheSame(old) {
		if err := tx.KeepVersion(old); err != nil {
			return err
		}
		m.WrittenBy, m.WrittenAt = e.ActorOf(by, m), m.UpdatedAt
	}
	if m.Text != old.Text {
		m.EditedAt = m.UpdatedAt
	}
	if err := tx.SetMessage(m); err != nil {
		return err
	}
	by.ID = e.ActorOf(by, m)
	return e.Record(tx, e.Entry(chat.MessageUpdated, by, m.CID, m.ID))
}

// ActorOf returns the user who did something to a message: the sender if the caller's back end
// names no user.
func (e *Effects) ActorOf(by chat.Actor, m chat.Message) string {
	if by.ID == "" {
		return m.Sender.ID
	}
	return by.ID
}

// empty removes a message's content, permanently or so that it can be restored.
func (e *Effects) empty(tx *sqlstore.Tx, m chat.Message, by chat.Actor, forGood bool) error {
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
	m.DeletedAt, m.DeletedBy = m.UpdatedAt, e.ActorOf(by, m)
	if err := tx.SetMessage(m); err != nil {
		return err
	}
	by.ID = m.DeletedBy
	return e.Record(tx, e.Entry(chat.MessageDeleted, by, m.CID, m.ID))
}

// erase removes a message permanently, together with its replies. Its number stays taken, so that
// the log has no gap.
func (e *Effects) erase(tx *sqlstore.Tx, m chat.Message, by chat.Actor) error {
	replies, err := tx.RepliesTo(m.ID)
	if err != nil {
		return err
	}
	for _, one := range append(replies, m) {
		if err := tx.EraseMessage(one, e.now()); err != nil {
			return err
		}
		by := chat.Actor{ID: e.ActorOf(by, one)}
		if err := e.Record(tx, e.Entry(chat.MessageDeleted, by, one.CID, one.ID)); err != nil {
			return err
		}
	}
	return nil
}

// addsFiles reports whether a message has new attachments.
func addsFiles(old, m chat.Message) bool {
	return slices.ContainsFunc(m.Attachments, func(raw json.RawMessage) bool {
		return !slices.ContainsFunc(old.Attachments, func(had json.RawMessage) bool { return bytes.Equal(raw, had) })
	})
}

// newReferences returns a message with only its new references, since old ones may refer to
// something deleted.
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
