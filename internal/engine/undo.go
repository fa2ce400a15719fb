package engine

import (
	"context"
	"fmt"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/ledger"
	"backchannel/internal/sqlstore"
)

// Undo implements chat.Provider.
func (e *Engine) Undo(ctx context.Context, req chat.Undo) error {
	if begun, err := e.UndoJob(ctx, req); begun || err != nil {
		return err
	}
	_, err := e.change(ctx, chat.CID{}, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		c, found, err := tx.ChangeToUndo(req.Operation.Undoes)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", chat.Missing("change", "There is no such change, or no longer.")
		}
		if refused := req.Check(c); refused != nil {
			return "", refused
		}
		if c.Operation == "deleteChannels" {
			return "", e.restoreChannels(tx, req)
		}
		return "", e.putBack(tx, c, req.Part, req.Operation.By)
	})
	return err
}

// putBack restores the previous state of the targets of a change, or of one of them.
func (e *Effects) putBack(tx *sqlstore.Tx, c chat.Change, part int64, by chat.Actor) error {
	list, err := ledger.PutBack(tx, c, part, by, e.now())
	for _, m := range list {
		if err == nil {
			err = e.tellPutBack(tx, m, by)
		}
	}
	return err
}

// tellPutBack records events for the subscribers who would get one for the change itself.
func (e *Effects) tellPutBack(tx *sqlstore.Tx, m sqlstore.Made, by chat.Actor) error {
	entry := sqlstore.Entry{CID: m.CID, User: m.UserID, At: e.now()}
	switch m.Kind {
	case chat.ChannelTarget:
		return e.recordChange(tx, m.CID, by)
	case chat.UserTarget:
		return e.accessChanged(tx, m.UserID)
	case chat.RestrictionTarget:
		kind := chat.RestrictionKind(m.Item)
		event := restrictionEvents[kind].on
		if m.Before == "" {
			event = restrictionEvents[kind].off
		}
		return e.recordRestriction(tx, chat.Restrict{Kind: kind, UserID: m.UserID, CID: m.CID}, event)
	case chat.MessageTarget:
		return e.Record(tx, e.Entry(chat.MessageUpdated, by, m.CID, m.Item))
	case chat.SettingTarget:
		tx.AfterCommit(e.ForgetSettings)
		return e.checkSettings(tx)
	case chat.WebhookTarget:
		return nil
	}
	switch {
	case m.Before == "":
		entry.Type = chat.MemberRemoved
	case m.After == "":
		entry.Type = chat.MemberAdded
	default:
		entry.Type = chat.MemberUpdated
	}
	return e.Record(tx, entry)
}

// checkSettings returns an error if a channel type would refer to a deleted block list.
func (e *Effects) checkSettings(tx *sqlstore.Tx) error {
	s, err := e.SettingsIn(tx)
	if err != nil {
		return err
	}
	for _, t := range s.Types {
		for _, name := range t.BlocklistsThat(func(string) bool { return true }) {
			if _, known := s.Blocklists[name]; !known {
				return conflict("change", "The channel type %q would use the block list %q, which was deleted since. Undo its deletion first.", t.Name, name)
			}
		}
	}
	return nil
}

func conflict(field, format string, args ...any) *chat.Error {
	return &chat.Error{Code: chat.Conflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// restoreChannels restores channels from the bin, all that were requested or none.
func (e *Effects) restoreChannels(tx *sqlstore.Tx, req chat.Undo) error {
	list, err := tx.BinnedBy(req.Operation.Undoes)
	if err != nil {
		return err
	}
	if len(req.CIDs) > 0 {
		list = slices.DeleteFunc(list, func(b chat.BinnedChannel) bool { return !slices.Contains(req.CIDs, b.CID) })
	}
	if len(list) == 0 || len(list) < len(req.CIDs) {
		return conflict("change", "Channels of this change aren't in the bin any more: they were brought back, or erased.")
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
		return chat.CIDsTaken(taken)
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
