package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// allow checks a rule in the transaction that acts, so that a change of role, membership or ban
// takes effect immediately. A channel that doesn't exist is NotFound in the field.
func (e *Effects) allow(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, field string, r chat.Rule) error {
	if by.BackOffice {
		exists, err := tx.HasChannel(cid)
		return judge(chat.Standing{Exists: exists}, err, by, cid, field, r)
	}
	s, err := tx.Standing(cid, by.ID, e.now())
	return judge(s, err, by, cid, field, r)
}

// readStanding declares that the actor's standing in a channel will be read.
func (e *Engine) readStanding(r *sqlstore.Reads, cid chat.CID, by chat.Actor) {
	if !by.BackOffice {
		r.Standing(cid, by.ID, e.now())
	}
}

// MayRead implements chat.Provider.
func (e *Engine) MayRead(ctx context.Context, by chat.Actor, cid chat.CID) error {
	if by.BackOffice {
		exists, err := e.Store.HasChannel(ctx, cid)
		return judge(chat.Standing{Exists: exists}, err, by, cid, "cid", e.policy.MayRead)
	}
	s, err := e.Store.Standing(ctx, cid, by.ID, e.now())
	return judge(s, err, by, cid, "cid", e.policy.MayRead)
}

// UserStanding implements chat.Provider.
func (e *Engine) UserStanding(ctx context.Context, id string) (chat.Standing, error) {
	return e.Store.UserStanding(ctx, id, e.now())
}

func judge(s chat.Standing, err error, by chat.Actor, cid chat.CID, field string, r chat.Rule) error {
	if err != nil {
		return err
	}
	return r.Judge(s, by, cid, field)
}
