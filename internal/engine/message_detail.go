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
// channel. A channel that users hid stays so where keepHidden says it. It was made
// now, unless m says when.
func (e *Engine) PostMessage(ctx context.Context, m chat.MessageDetail, keepHidden bool) (string, error) {
	m, err := checked(m)
	if err != nil {
		return "", err
	}
	return m.ID, e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m := m
		if m.CreatedAt.IsZero() {
			m.CreatedAt = e.now()
		}
		if err := e.mayPost(tx, &m); err != nil {
			return err
		}
		return e.appendMessage(tx, m, keepHidden)
	})
}

// PrepareMessage gives a new message an id where it has none, and checks it by the
// rules that need no state.
func (e *Engine) PrepareMessage(m *chat.MessageDetail) (err error) {
	*m, err = checked(*m)
	return err
}

// checked is a new message with an id, by the rules that need no state.
func checked(m chat.MessageDetail) (chat.MessageDetail, error) {
	if m.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return m, fmt.Errorf("making a message id: %w", err)
		}
		m.ID = id.String()
	}
	return m, m.CheckDetail()
}

// mayPost checks a new message, and marks it where its sender is shadow banned.
func (e *Engine) mayPost(tx *sqlstore.Tx, m *chat.MessageDetail) error {
	exists, err := tx.HasChannel(m.CID)
	if err == nil && !exists {
		err = noChannel("cid")
	}
	if err != nil {
		return err
	}
	err = e.checkMessage(tx, m.CID, chat.Content{
		Text: m.Text, Files: len(m.Attachments) > 0, Reply: m.Parent != ""})
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
	s, err := tx.Standing(m.CID, m.Sender.ID, m.CreatedAt)
	if err != nil {
		return err
	}
	m.Shadowed = s.Shadowed()
	return checkReferences(tx, *m)
}

// checkReferences checks what a message points to.
func checkReferences(tx *sqlstore.Tx, m chat.MessageDetail) error {
	ids := make([]string, len(m.Mentions))
	for i, u := range m.Mentions {
		ids[i] = u.ID
	}
	if err := checkKnown(tx, "mentioned_users", ids); err != nil {
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

func checkKnown(tx *sqlstore.Tx, field string, ids []string) error {
	unknown, err := unknownUsers(tx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers(field, unknown)
	}
	return err
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
		err = noMessageDetail(id)
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
func (e *Engine) MessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int) (map[chat.CID][]chat.MessageDetail, error) {
	found, err := e.store.MessagesOf(ctx, channels, viewer, each, e.now())
	return e.allShown(found), err
}

// SeqBefore returns the seq of the last message that a channel had before a time, 0
// for none.
func (e *Engine) SeqBefore(ctx context.Context, cid chat.CID, at time.Time) (int64, error) {
	return e.store.SeqBefore(ctx, cid, at)
}

// PinnedMessagesOf returns the newest pinned messages of each of those channels.
func (e *Engine) PinnedMessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int) (map[chat.CID][]chat.MessageDetail, error) {
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

// LastVersion returns what a message said before it was changed or deleted last,
// and whether it was.
func (e *Engine) LastVersion(ctx context.Context, id string) (chat.MessageVersion, bool, error) {
	return e.store.LastVersion(ctx, id)
}

// SearchVersions returns what messages said before they were changed, newest first
// where nothing else is asked. InvalidArguments: the filter or sort asks what can't
// be asked.
func (e *Engine) SearchVersions(ctx context.Context, q chat.Listing) ([]chat.MessageVersion, error) {
	return e.store.SearchVersions(ctx, q)
}

// Siblings returns part of a channel's messages or of a message's replies, oldest
// first.
func (e *Engine) Siblings(ctx context.Context, q chat.SiblingsQuery, viewer string) ([]chat.MessageDetail, error) {
	list, err := e.store.Siblings(ctx, q, viewer, e.now())
	for i := range list {
		list[i] = e.shown(list[i])
	}
	return list, err
}

// EachMessage gives a channel's messages one by one, oldest first, replies too,
// sent at or after a time and before another, where they aren't zero. It ends with
// the first error of give.
func (e *Engine) EachMessage(ctx context.Context, cid chat.CID, since, until time.Time, give func(m chat.MessageDetail) error) error {
	for after := int64(0); ; {
		list, err := e.store.MessagesFrom(ctx, cid, after, e.now())
		if err != nil || len(list) == 0 {
			return err
		}
		for _, m := range list {
			after = m.Seq
			if m.Erased || m.CreatedAt.Before(since) || !until.IsZero() && !m.CreatedAt.Before(until) {
				continue
			}
			if err := give(e.shown(m)); err != nil {
				return err
			}
		}
	}
}
