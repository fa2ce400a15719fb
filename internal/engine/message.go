package engine

import (
	"context"
	"fmt"

	"github.com/google/uuid" // version 7: ids in order of time keep the index narrow; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SendMessage implements chat.Provider.
func (e *Engine) SendMessage(ctx context.Context, req chat.SendMessage) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making a message id: %w", err)
	}
	m := chat.Message{
		ID:          id.String(),
		CID:         req.CID,
		Sender:      chat.User{ID: req.Sender.ID, Name: req.Sender.Name, Role: chat.RoleUser},
		Text:        req.Text,
		Attachments: req.Attachments,
	}
	for _, id := range req.Mentions {
		m.Mentions = append(m.Mentions, chat.User{ID: id})
	}
	return e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		m.CreatedAt = now()
		m.Sender.CreatedAt = m.CreatedAt
		return m.ID, post(tx, req, m)
	})
}

// post checks what only the database knows, the mentions before the channel: the
// channel's number is taken with its check.
func post(tx *sqlstore.Tx, req chat.SendMessage, m chat.Message) error {
	unknown, err := unknownUsers(tx, req.Mentions)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		if exists, err := tx.HasChannel(m.CID); err != nil || !exists {
			return orNoChannel(err)
		}
		return chat.UnknownMentions(unknown)
	}
	evenFrozen, err := may(tx, req.Operation.By, mayPostFrozen)
	if err != nil {
		return err
	}
	posted, err := tx.AppendMessage(m, evenFrozen)
	if err != nil {
		return err
	}
	if !posted {
		return refused(tx, m.CID)
	}
	return tx.InsertUser(m.Sender)
}

// unknownUsers returns those of the ids that are no user's. An id that can't be
// one is not worth a question.
func unknownUsers(tx *sqlstore.Tx, ids []string) ([]string, error) {
	var possible, unknown []string
	for _, id := range ids {
		if chat.CheckUserID(id) == nil {
			possible = append(possible, id)
		} else {
			unknown = append(unknown, id)
		}
	}
	missing, err := tx.UnknownUsers(possible)
	return append(unknown, missing...), err
}

// refused says why a message wasn't taken.
func refused(tx *sqlstore.Tx, cid chat.CID) error {
	if exists, err := tx.HasChannel(cid); err != nil || !exists {
		return orNoChannel(err)
	}
	return chat.Denied(errFrozen)
}

func orNoChannel(err error) error {
	if err != nil {
		return err
	}
	return noChannel("input.channelId")
}

// DeleteMessage implements chat.Provider.
func (e *Engine) DeleteMessage(ctx context.Context, req chat.DeleteMessage) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		sender, found, err := tx.MessageSender(req.CID, req.ID)
		if err != nil {
			return "", err
		}
		if !found {
			return "", chat.Missing("input.messageId", "There is no such message.")
		}
		allowed, err := may(tx, req.Operation.By, mayDeleteAnybody)
		if err != nil {
			return "", err
		}
		if !allowed && sender != req.Operation.By.ID {
			return "", chat.Denied(errRole)
		}
		return "", tx.EmptyMessage(req.ID, now())
	})
	return err
}

// Messages implements chat.Provider.
func (e *Engine) Messages(ctx context.Context, q chat.MessageQuery) (chat.Page[chat.Message], error) {
	list, found, err := e.store.Messages(ctx, q)
	if err == nil && !found {
		err = noChannel("cid")
	}
	if q.FromEnd {
		return backward(list, q.Limit, q.Before > 0), err
	}
	return forward(list, q.Limit, q.After > 0), err
}
