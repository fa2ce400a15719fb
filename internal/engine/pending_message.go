package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// PostPending keeps a message until it is committed, and returns its id. Nobody
// sees it before but who asks for its id, and it has no number. It fails as
// [Engine.PostMessage] does.
func (e *Engine) PostPending(ctx context.Context, p chat.PendingMessage) (string, error) {
	if err := p.CheckMetadata(); err != nil {
		return "", err
	}
	var err error
	if p.Message, err = checked(p.Message); err != nil {
		return "", err
	}
	return p.Message.ID, e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		p.Message.CreatedAt = e.now()
		if err := e.mayPost(tx, &p.Message); err != nil {
			return err
		}
		return tx.KeepPending(p)
	})
}

// PendingMessage returns a message that waits; NotFound.
func (e *Engine) PendingMessage(ctx context.Context, id string) (chat.PendingMessage, error) {
	p, found, err := e.store.PendingMessage(ctx, id, e.now())
	if err == nil && !found {
		err = noMessageDetail(id)
	}
	p.Message = e.shown(p.Message)
	return p, err
}

// CommitMessage sends a message that waits. One that was sent already is left
// alone. NotFound.
func (e *Engine) CommitMessage(ctx context.Context, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		p, found, err := tx.PendingMessage(id)
		if err != nil {
			return err
		}
		if !found {
			_, sent, err := tx.MessageDetail(id)
			if err == nil && !sent {
				err = noMessageDetail(id)
			}
			return err
		}
		if err := checkReferences(tx, p.Message); err != nil {
			return err
		}
		if _, err := tx.DropPending(id); err != nil {
			return err
		}
		p.Message.CreatedAt = e.now()
		return e.appendMessage(tx, p.Message, p.KeepHidden)
	})
}

// DropPending forgets a message that waits; NotFound.
func (e *Engine) DropPending(ctx context.Context, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, err := tx.DropPending(id)
		if err == nil && !found {
			err = noMessageDetail(id)
		}
		return err
	})
}
