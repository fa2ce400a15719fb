package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// messagesAtOnce is the number of messages that one transaction deletes, so that other writers
// don't wait long.
const messagesAtOnce = 200

// DeleteMessagesBy deletes the messages of a user, in one channel unless cid is zero.
func (e *Engine) DeleteMessagesBy(ctx context.Context, by chat.Actor, user string, cid chat.CID, mode chat.DeleteMode) error {
	if mode == "" {
		return nil
	}
	return e.EachMessageBy(ctx, user, cid, func(tx *sqlstore.Tx, m chat.Message) error {
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
