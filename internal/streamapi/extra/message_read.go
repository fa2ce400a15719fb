package extra

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
)

// MessageByID returns one message; NotFound. If viewer isn't "", the message includes that user's
// own reactions.
func (e *Engine) MessageByID(ctx context.Context, id, viewer string) (chat.Message, error) {
	found, err := e.MessagesByID(ctx, []string{id}, viewer)
	m, ok := found[id]
	if err == nil && !ok {
		err = noMessageOf(id)
	}
	return m, err
}

// MessagesByID returns the messages that exist, by id.
func (e *Engine) MessagesByID(ctx context.Context, ids []string, viewer string) (map[string]chat.Message, error) {
	found, err := e.store.WholeMessages(ctx, ids, viewer, e.now())
	for id, m := range found {
		found[id] = e.Shown(m)
	}
	return found, err
}

// MessagesOf returns the newest messages of each channel, oldest first, except replies that are
// shown only in threads.
func (e *Engine) MessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int) (map[chat.CID][]chat.Message, error) {
	found, err := e.store.MessagesOf(ctx, channels, viewer, each, e.now())
	return e.allShown(found), err
}

// SeqBefore returns the seq of a channel's last message before a time, 0 for none.
func (e *Engine) SeqBefore(ctx context.Context, cid chat.CID, at time.Time) (int64, error) {
	return e.store.SeqBefore(ctx, cid, at)
}

// PinnedMessagesOf returns the newest pinned messages of each channel.
func (e *Engine) PinnedMessagesOf(ctx context.Context, channels []chat.Channel, viewer string, each int) (map[chat.CID][]chat.Message, error) {
	found, err := e.store.PinnedMessagesOf(ctx, channels, viewer, each, e.now())
	return e.allShown(found), err
}

func (e *Engine) allShown(found map[chat.CID][]chat.Message) map[chat.CID][]chat.Message {
	for _, list := range found {
		for i := range list {
			list[i] = e.Shown(list[i])
		}
	}
	return found
}

// LastVersion returns a message's content before its last change or deletion and whether there is
// one.
func (e *Engine) LastVersion(ctx context.Context, id string) (store.MessageVersion, bool, error) {
	return e.store.LastVersion(ctx, id)
}

// SearchVersions returns previous versions of messages, newest first by default.
// InvalidArguments: the filter or sort isn't supported.
func (e *Engine) SearchVersions(ctx context.Context, q store.Search) ([]store.MessageVersion, error) {
	return e.store.SearchVersions(ctx, q)
}

// Siblings returns part of a channel's messages, or of the replies to a message, oldest first.
func (e *Engine) Siblings(ctx context.Context, q store.SiblingsQuery, viewer string) ([]chat.Message, error) {
	list, err := e.store.Siblings(ctx, q, viewer, e.now())
	for i := range list {
		list[i] = e.Shown(list[i])
	}
	return list, err
}

// EachMessage calls give for each of a channel's messages, including replies, oldest first. It
// includes messages sent at or after since and before until; a zero time is no bound. It stops at
// the first error of give.
func (e *Engine) EachMessage(ctx context.Context, cid chat.CID, since, until time.Time, give func(m chat.Message) error) error {
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
			if err := give(e.Shown(m)); err != nil {
				return err
			}
		}
	}
}

// SearchMessages returns the messages that match in the channels that match, newest first by
// default, except deleted messages and system messages. InvalidArguments: a filter or the sort
// isn't supported.
func (e *Engine) SearchMessages(ctx context.Context, channels store.Filter, q store.Search) ([]chat.Message, error) {
	list, err := e.store.SearchMessages(ctx, channels, q, e.now())
	for i := range list {
		list[i] = e.Shown(list[i])
	}
	return list, err
}
