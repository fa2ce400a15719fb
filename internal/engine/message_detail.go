package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// PostMessage stores a message for the caller's own back end and returns its id,
// which is made where m has none. The sender must be a chat user. NotFound: the
// channel; Conflict: there is a message of that id; InvalidArguments: somebody
// mentioned isn't a chat user, or the message replied to or quoted isn't in the
// channel. A channel that users hid stays so where keepHidden says it.
func (e *Engine) PostMessage(ctx context.Context, m chat.MessageDetail, keepHidden bool) (string, error) {
	if m.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return "", fmt.Errorf("making a message id: %w", err)
		}
		m.ID = id.String()
	}
	if err := m.CheckDetail(); err != nil {
		return "", err
	}
	return m.ID, e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m.CreatedAt = e.now()
		if err := e.mayPost(ctx, tx, &m); err != nil {
			return err
		}
		return e.appendMessage(tx, m, keepHidden)
	})
}

// mayPost checks a new message.
func (e *Engine) mayPost(ctx context.Context, tx *sqlstore.Tx, m *chat.MessageDetail) error {
	exists, err := tx.HasChannel(m.CID)
	if err == nil && !exists {
		err = noChannel("cid")
	}
	if err != nil {
		return err
	}
	err = e.checkMessage(ctx, tx, m.CID, chat.Content{Text: m.Text, Files: len(m.Attachments) > 0, Reply: m.Parent != ""})
	if err != nil {
		return err
	}
	taken, err := tx.HasMessage(m.ID)
	if err == nil && taken {
		err = &chat.Error{Code: chat.Conflict, Field: "id", Message: fmt.Sprintf("A message with ID %s already exists.", m.ID)}
	}
	if err != nil {
		return err
	}
	return checkReferences(tx, *m)
}

// checkReferences checks what a message points to.
func checkReferences(tx *sqlstore.Tx, m chat.MessageDetail) error {
	ids := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		ids[i] = u.ID
	}
	unknown, err := unknownUsers(tx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers("mentioned_users", unknown)
	}
	if err != nil {
		return err
	}
	if m.Parent != "" {
		parent, found, err := tx.MessageDetail(m.Parent)
		switch {
		case err != nil:
			return err
		case !found || parent.CID != m.CID:
			return chat.Invalid("parent_id", "There is no message %q in this channel to reply to.", m.Parent)
		case parent.Parent != "":
			return chat.Invalid("parent_id", "A reply can't be replied to; reply to %q.", parent.Parent)
		}
	}
	if m.QuotedID != "" {
		quoted, found, err := tx.MessageDetail(m.QuotedID)
		if err == nil && (!found || quoted.CID != m.CID) {
			err = chat.Invalid("quoted_message_id", "There is no message %q in this channel to quote.", m.QuotedID)
		}
		return err
	}
	return nil
}

func (e *Engine) appendMessage(tx *sqlstore.Tx, m chat.MessageDetail, keepHidden bool) error {
	seq, err := tx.AppendMessageDetail(m, keepHidden)
	if err != nil {
		return err
	}
	if seq == 0 {
		return noChannel("cid")
	}
	tx.AfterCommit(func() { e.hub.advance(m.CID, seq) })
	return nil
}

// MessageDetail returns one message, with what a viewer did to it where one is
// given; NotFound.
func (e *Engine) MessageDetail(ctx context.Context, id, viewer string) (chat.MessageDetail, error) {
	found, err := e.MessageDetails(ctx, []string{id}, viewer)
	m, ok := found[id]
	if err == nil && !ok {
		err = chat.Missing("id", "Message with id %q doesn't exist.", id)
	}
	return m, err
}

// MessageDetails returns those of the messages that there are, by id.
func (e *Engine) MessageDetails(ctx context.Context, ids []string, viewer string) (map[string]chat.MessageDetail, error) {
	found, err := e.store.MessageDetails(ctx, ids, viewer, e.now())
	for id, m := range found {
		found[id] = e.shown(m)
	}
	return found, err
}

// MessagesOf returns the newest messages of each of those channels, oldest first,
// without replies that are in threads only.
func (e *Engine) MessagesOf(ctx context.Context, channels []chat.ChannelDetail, viewer string, each int) (map[chat.CID][]chat.MessageDetail, error) {
	found, err := e.store.MessagesOf(ctx, channels, viewer, each, e.now())
	return e.allShown(found), err
}

// PinnedMessagesOf returns the newest pinned messages of each of those channels.
func (e *Engine) PinnedMessagesOf(ctx context.Context, channels []chat.ChannelDetail, viewer string, each int) (map[chat.CID][]chat.MessageDetail, error) {
	found, err := e.store.PinnedMessagesOf(ctx, channels, viewer, each, e.now())
	return e.allShown(found), err
}

func (e *Engine) allShown(found map[chat.CID][]chat.MessageDetail) map[chat.CID][]chat.MessageDetail {
	for _, list := range found {
		for i := range list {
			list[i] = e.shown(list[i])
		}
	}
	return found
}

// shown is a message as it is now: pins expire by themselves.
func (e *Engine) shown(m chat.MessageDetail) chat.MessageDetail {
	if !m.PinnedNow(e.now()) {
		m.PinnedAt, m.PinnedByUser = time.Time{}, nil
	}
	return m
}
