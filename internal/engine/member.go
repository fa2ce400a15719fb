package engine

import (
	"context"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Members implements chat.Provider.
func (e *Engine) Members(ctx context.Context, q chat.MemberQuery) (chat.Page[chat.Member], error) {
	list, found, err := e.store.Members(ctx, q)
	if err == nil && !found {
		err = noChannel("cid")
	}
	return forward(list, q.Limit, q.After != ""), err
}

// ChangeMembers implements chat.Provider.
func (e *Engine) ChangeMembers(ctx context.Context, req chat.ChangeMembers) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.allow(tx, req.Operation.By, req.CID, "cid", e.policy.MayModerate); err != nil {
			return "", err
		}
		unknown, err := unknownUsers(tx, req.Add)
		if err != nil {
			return "", err
		}
		if len(unknown) > 0 {
			return "", chat.UnknownUsers("users", unknown)
		}
		for _, id := range req.Add {
			added, err := tx.AddMember(req.CID, id, e.now())
			if err == nil && added {
				err = e.record(tx, sqlstore.Entry{Type: chat.MemberAdded, CID: req.CID, User: id, At: e.now()})
			}
			if err != nil {
				return "", err
			}
		}
		return "", e.removeMembers(tx, req)
	})
	return err
}

func (e *Engine) removeMembers(tx *sqlstore.Tx, req chat.ChangeMembers) error {
	for _, id := range req.Remove {
		removed, err := tx.RemoveMember(req.CID, id)
		if err == nil && removed {
			err = e.record(tx, sqlstore.Entry{Type: chat.MemberRemoved, CID: req.CID, User: id, At: e.now()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MarkRead implements chat.Provider.
func (e *Engine) MarkRead(ctx context.Context, req chat.MarkRead) error {
	by := req.Operation.By
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		s, err := tx.Standing(req.CID, by.ID, e.now())
		// The back office has no right to be a member that it isn't.
		err = judge(s, err, chat.Actor{ID: by.ID}, req.CID, "cid", e.policy.MayMarkRead)
		if err != nil {
			return "", err
		}
		reached, moved, err := tx.MarkRead(req.CID, by.ID, req.Seq, e.now())
		if err == nil && moved {
			err = e.record(tx, sqlstore.Entry{
				Type: chat.MessageRead, CID: req.CID, User: by.ID, Detail: strconv.FormatInt(reached, 10), At: e.now()})
		}
		return "", err
	})
	return err
}
