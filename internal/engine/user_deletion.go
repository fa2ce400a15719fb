package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// messagesAtOnce is the number of messages that one transaction deletes, so that other writers
// don't wait long.
const messagesAtOnce = 200

// MessageDeletion says which messages of users to delete.
type MessageDeletion struct {
	By     chat.Actor
	Users  []string
	CID    chat.CID // only those in this channel, unless it is zero
	Mode   chat.DeleteMode
	Before time.Time // only those sent until then, unless it is zero
}

const deletingMessages = "deleteMessages"

// LeaveMessages leaves a deletion of messages for after this transaction, see [Effects.Leave].
func (e *Effects) LeaveMessages(tx *sqlstore.Tx, d MessageDeletion) (jobstore.Unfinished, error) {
	return e.Leave(tx, deletingMessages, d)
}

func (e *Engine) finishDeletion(ctx context.Context, u jobstore.Unfinished) error {
	var d MessageDeletion
	if err := json.Unmarshal([]byte(u.Input), &d); err != nil {
		return fmt.Errorf("reading a deletion of messages: %w", err)
	}
	for _, user := range d.Users {
		if err := e.DeleteMessagesBy(ctx, d, user); err != nil {
			return err
		}
	}
	return nil
}

// DeleteMessagesBy deletes the messages of one of a deletion's users.
func (e *Engine) DeleteMessagesBy(ctx context.Context, d MessageDeletion, user string) error {
	by, mode := d.By, d.Mode
	if mode == "" {
		return nil
	}
	return e.EachMessageBy(ctx, user, d.CID, func(tx *sqlstore.Tx, m chat.Message) error {
		if !d.Before.IsZero() && m.CreatedAt.After(d.Before) {
			return nil
		}
		if mode == chat.DeleteHard {
			return e.erase(tx, m, by)
		}
		if m.DeletedAt.IsZero() {
			if err := e.empty(tx, m, by, mode == chat.DeletePruning); err != nil {
				return err
			}
		}
		if mode == chat.DeletePruning {
			sqlstore.ForgetStates(tx, "", m.ID)
			return tx.ForgetContent(m.ID)
		}
		return nil
	})
}

// EachMessageBy calls fn for the messages of a user, a few in each transaction.
func (e *Engine) EachMessageBy(ctx context.Context, user string, cid chat.CID, fn func(tx *sqlstore.Tx, m chat.Message) error) error {
	after := ""
	for more := true; more; {
		var last string
		err := e.Store.Write(ctx, func(tx *sqlstore.Tx) error {
			ids, err := tx.MessageIDsBy(user, cid, after, messagesAtOnce)
			if err != nil {
				return err
			}
			more, last = len(ids) == messagesAtOnce, after
			for _, id := range ids {
				last = id
				m, found, err := tx.Message(id)
				if err != nil {
					return err
				}
				if !found || m.Erased { // erased, perhaps together with its parent
					continue
				}
				if err := fn(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = last
	}
	return nil
}
