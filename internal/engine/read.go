package engine

import (
	"context"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// MarkRead implements chat.Provider.
func (e *Engine) MarkRead(ctx context.Context, req chat.MarkRead) error {
	by := req.Operation.By
	reads := func(r *sqlstore.Reads) {
		r.Standing(req.CID, by.ID, e.now())
		r.Reading(req.CID, by.ID)
	}
	_, err := e.carryOut(ctx, req.CID, reads, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		s, err := tx.Standing(req.CID, by.ID, e.now())
		// The back-office role doesn't make the caller a member.
		err = judge(s, err, chat.Actor{ID: by.ID}, req.CID, "cid", e.policy.MayMarkRead)
		if err != nil {
			return "", err
		}
		return "", e.NoteRead(tx, by.ID, req.CID, req.Seq)
	})
	return err
}

// NoteRead sets how far a member has read, up to the last message if seq is 0, for both APIs. It
// ignores non-members. MarkRead refuses them first; Stream's API doesn't, since servers may do everything.
func (e *Effects) NoteRead(tx *sqlstore.Tx, user string, cid chat.CID, seq int64) error {
	reached, moved, err := tx.MarkRead(cid, user, seq, e.now())
	if err != nil || !moved {
		return err
	}
	return e.RecordRead(tx, cid, user, reached)
}

// RecordRead records in a channel's log how far a member has read.
func (e *Effects) RecordRead(tx *sqlstore.Tx, cid chat.CID, user string, seq int64) error {
	return e.Record(tx, sqlstore.Entry{
		Type: chat.MessageRead, CID: cid, User: user, Detail: strconv.FormatInt(seq, 10), At: e.now()})
}
