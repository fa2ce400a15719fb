package extra

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// SearchThreads returns the threads that match, each with its newest replies, at most that many. If
// user isn't "", only the user's threads are returned. By default the thread with the newest reply
// comes first. InvalidArguments: the filter or sort isn't supported.
func (e *Engine) SearchThreads(ctx context.Context, user string, q store.Search, replies int) ([]store.Thread, error) {
	list, err := e.store.SearchThreads(ctx, user, q)
	if err != nil {
		return nil, err
	}
	return list, e.fillThreads(ctx, list, user, replies)
}

// Thread returns the thread of a message with its newest replies, at most that many; NotFound.
func (e *Engine) Thread(ctx context.Context, parent string, replies int) (store.Thread, error) {
	t, found, err := e.store.Thread(ctx, parent)
	if err == nil && !found {
		err = noThread(parent)
	}
	if err != nil {
		return t, err
	}
	list := []store.Thread{t}
	err = e.fillThreads(ctx, list, "", replies)
	return list[0], err
}

// ChangeThread applies change to a thread's title and custom data and stores the result; NotFound.
func (e *Engine) ChangeThread(ctx context.Context, parent string, change func(t *store.Thread) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		t, found, err := store.ThreadIn(tx, parent)
		if err == nil && !found {
			err = noThread(parent)
		}
		if err != nil {
			return err
		}
		if err := change(&t); err != nil {
			return err
		}
		if err := t.Check(); err != nil {
			return err
		}
		t.UpdatedAt = e.now()
		tx.Note(chat.ChangeTarget{Kind: chat.MessageTarget, CID: t.CID, Item: parent})
		return store.SetThread(tx, t)
	})
}

// fillThreads adds messages and users to threads.
func (e *Engine) fillThreads(ctx context.Context, list []store.Thread, viewer string, replies int) error {
	parents, users := make([]string, len(list)), make([]string, len(list))
	for i, t := range list {
		parents[i], users[i] = t.ParentID, t.CreatedBy.ID
	}
	messages, err := e.MessagesByID(ctx, parents, viewer)
	if err != nil {
		return err
	}
	known, err := e.UsersByID(ctx, users)
	if err != nil {
		return err
	}
	latest := map[string][]chat.Message{}
	if replies > 0 {
		if latest, err = e.store.LatestReplies(ctx, parents, replies, e.now()); err != nil {
			return err
		}
	}
	for i := range list {
		t := &list[i]
		t.Parent, t.Latest = messages[t.ParentID], latest[t.ParentID]
		for n := range t.Latest {
			t.Latest[n] = e.Shown(t.Latest[n])
		}
		if u, ok := known[t.CreatedBy.ID]; ok {
			t.CreatedBy = u
		}
	}
	return nil
}

func noThread(parent string) error {
	return chat.Missing("message_id", "There is no thread below a message %q.", parent)
}
