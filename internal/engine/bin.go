package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
)

// Bin implements chat.Provider.
func (e *Engine) Bin(ctx context.Context, q chat.BinQuery) (chat.Page[chat.BinnedChannel], error) {
	list, err := e.Store.Bin(ctx, q)
	for i := range list {
		list[i].Avatar, list[i].ErasedAt = e.avatarURL(list[i].Avatar), list[i].DeletedAt.Add(e.binKept)
	}
	return forward(list, q.Limit, q.After != chat.BinPosition{}), err
}

// EraseNow implements chat.Provider. Once it returns, what it counts can't be restored; some rows
// may be removed a little later.
func (e *Engine) EraseNow(ctx context.Context, req chat.EraseNow) (erased chat.Erased, err error) {
	result, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		b, found, err := tx.Binned(req.No)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", chat.Missing("id", "There is no such channel in the bin, or no longer.")
		case b.Name != req.Name:
			return "", chat.Invalid("name", "This isn't the channel's name. Give its name as bin shows it.")
		}
		tx.Note(chat.ChangeTarget{Kind: chat.ChannelTarget, CID: b.CID})
		erased, err := tx.StartErasing(req.No)
		if err != nil {
			return "", err
		}
		counted, err := json.Marshal(erased)
		return string(counted), err
	})
	if err != nil {
		return erased, err
	}
	if err := json.Unmarshal([]byte(result), &erased); err != nil {
		return erased, fmt.Errorf("reading what was erased: %w", err)
	}
	if err := e.eraseBinned(ctx, req.No); err != nil { // SweepBin continues
		e.logger.Warn("erasing a channel", "error", err)
	}
	return erased, nil
}

// eraseBinned erases the content of a channel of the bin, in steps between which others can write.
func (e *Engine) eraseBinned(ctx context.Context, no int64) error {
	for more := true; more; {
		began := time.Now()
		err := e.Store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			more, err = tx.EraseBinned(no)
			return err
		})
		if err != nil {
			return err
		}
		job.Yield(ctx, e.Store, time.Since(began))
	}
	return nil
}

// sweepEvery is how often expired channels are removed from the bin.
const sweepEvery = 10 * time.Minute

// SweepBin erases the expired channels of the bin.
func (e *Engine) SweepBin(ctx context.Context) error {
	now, err := e.past(ctx)
	if err != nil {
		return err
	}
	for {
		no, found, err := e.Store.ToErase(ctx, now.Add(-e.binKept))
		if err != nil || !found {
			return err
		}
		if err := e.eraseBinned(ctx, no); err != nil {
			return err
		}
	}
}
