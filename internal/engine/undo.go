package engine

import (
	"context"
	"slices"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Undo implements chat.Provider.
func (e *Engine) Undo(ctx context.Context, req chat.Undo) error {
	_, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		c, found, err := tx.ChangeToUndo(req.Operation.Undoes)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", chat.Missing("change", "There is no such change, or no longer.")
		case c.Operation == "deleteChannels":
			return "", e.restoreChannels(tx, req)
		}
		return "", chat.Invalid("change", "A change by %s can't be taken back.", c.Operation)
	})
	return err
}

// restoreChannels brings channels back from the bin, all that are asked for or none.
func (e *Effects) restoreChannels(tx *sqlstore.Tx, req chat.Undo) error {
	list, err := tx.BinnedBy(req.Operation.Undoes)
	if err != nil {
		return err
	}
	if len(req.CIDs) > 0 {
		list = slices.DeleteFunc(list, func(b chat.BinnedChannel) bool { return !slices.Contains(req.CIDs, b.CID) })
	}
	if len(list) == 0 || len(list) < len(req.CIDs) {
		return &chat.Error{Code: chat.Conflict, Field: "change", Message: "Channels of this change aren't in the bin any more: they were brought back, or erased."}
	}
	var taken []string
	for _, b := range list {
		used, err := tx.HasChannel(b.CID)
		if err != nil {
			return err
		}
		if used {
			taken = append(taken, b.CID.String())
		}
	}
	if len(taken) > 0 && !req.Rename {
		return &chat.Error{Code: chat.Conflict, Field: "onConflict", Message: "Other channels have these cids now: " +
			strings.Join(taken[:min(len(taken), chat.MaxTargetsShown)], ", ") + ". Ask again with onConflict: RENAME to bring them back under other cids."}
	}
	for _, b := range list {
		if err := e.restoreChannel(tx, req.Operation.By, b); err != nil {
			return err
		}
	}
	return nil
}

func (e *Effects) restoreChannel(tx *sqlstore.Tx, by chat.Actor, b chat.BinnedChannel) error {
	cid, err := freeCID(tx, b.CID.Type, b.CID.ID)
	if err != nil {
		return err
	}
	if err := tx.Restore(b, cid); err != nil {
		return err
	}
	return e.RecordForDesk(tx, sqlstore.Entry{Type: chat.ChannelCreated, CID: cid, User: by.ID, At: e.now()})
}
