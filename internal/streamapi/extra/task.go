package extra

import (
	"context"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
	"backchannel/internal/streamapi/store"
)

// Task returns a task by its id; NotFound.
func (e *Engine) Task(ctx context.Context, id string) (store.Task, error) {
	t, found, err := e.store.Task(ctx, id)
	if err == nil && !found {
		err = chat.Missing("id", "There is no such task.")
	}
	return t, err
}

// finish stores the result of work done in the same transaction, as a task that callers can query.
func (e *Engine) finish(tx *sqlstore.Tx, result map[string]any) (id string, err error) {
	made, err := uuid.NewRandom()
	if err != nil {
		return "", err
	}
	at := e.now()
	t := store.Task{ID: made.String(), Result: result, CreatedAt: at, UpdatedAt: at}
	if err := store.ForgetTasks(tx, at.Add(-store.TaskLifetime)); err != nil {
		return "", err
	}
	return t.ID, store.InsertTask(tx, t)
}

// DeleteChannelsAsTask removes channels with everything in them, as [Engine.DeleteChannels] does,
// and returns the id of a task whose result has an entry for each cid. The work is done when this
// returns.
func (e *Engine) DeleteChannelsAsTask(ctx context.Context, by chat.Actor, cids []chat.CID) (id string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		deleted, err := e.DropChannels(tx, by, cids)
		if err != nil {
			return err
		}
		result := make(map[string]any, len(cids))
		for _, cid := range cids {
			result[cid.String()] = map[string]any{"status": "error", "error": "channel not found"}
		}
		for _, c := range deleted {
			result[c.CID.String()] = map[string]any{"status": "ok"}
		}
		id, err = e.finish(tx, result)
		return err
	})
	return id, err
}

// Begin stores that work has begun that takes several transactions, so that a server finishes it if
// the process is killed.
func (e *Engine) Begin(ctx context.Context, kind string, input any) (u jobstore.Unfinished, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		u, err = e.Leave(tx, kind, input)
		return err
	})
	return u, err
}

// FinishedTask stores the result of work that [Engine.Begin] began as a task that callers can query, and returns its
// id.
func (e *Engine) FinishedTask(ctx context.Context, u jobstore.Unfinished, result map[string]any) (id string, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if id, err = e.finish(tx, result); err != nil {
			return err
		}
		return jobstore.Finished(tx, u.ID)
	})
	return id, err
}

// ChannelsIn returns the channels that a stored record is about.
func (e *Engine) ChannelsIn(ctx context.Context, change string) (map[chat.CID]bool, error) {
	return e.store.ChannelsIn(ctx, change)
}
