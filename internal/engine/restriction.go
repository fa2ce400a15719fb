package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
	"backchannel/internal/sqlstore/jobstore"
)

// restrictionEvents are the events of a restriction and its end. Shadow bans have none.
var restrictionEvents = map[chat.RestrictionKind]struct{ on, off chat.EventType }{
	chat.Ban:  {chat.UserBanned, chat.UserUnbanned},
	chat.Mute: {chat.UserMuted, chat.UserUnmuted},
}

// otherBan is the kind of ban that a ban replaces, and that is lifted together with it.
var otherBan = map[chat.RestrictionKind]chat.RestrictionKind{chat.Ban: chat.Shadow, chat.Shadow: chat.Ban}

// Restrict implements chat.Provider.
func (e *Engine) Restrict(ctx context.Context, req chat.Restrict) error {
	if bad := req.Check(); bad != nil {
		return bad
	}
	var rest jobstore.Unfinished
	_, err := e.change(ctx, req.CID, req.Operation, func(tx *sqlstore.Tx) (_ string, err error) {
		rest = jobstore.Unfinished{}
		if err := e.mayRestrict(tx, req); err != nil {
			return "", err
		}
		if err := e.checkRestriction(tx, req); err != nil {
			return "", err
		}
		if other, has := otherBan[req.Kind]; has {
			if err := e.lift(tx, req, other); err != nil {
				return "", err
			}
		}
		if req.Lift {
			return "", e.lift(tx, req, req.Kind)
		}
		r := chat.Restriction{Kind: req.Kind, UserID: req.UserID, CID: req.CID, Until: req.Until, By: req.Operation.By.ID,
			Reason: req.Reason, CreatedAt: e.now()}
		if err := tx.Restrict(r); err != nil {
			return "", err
		}
		if req.Messages != "" {
			if rest, err = e.LeaveMessages(tx, MessageDeletion{req.Operation.By, []string{req.UserID}, req.CID, req.Messages, r.CreatedAt}); err != nil {
				return "", err
			}
		}
		return "", e.recordRestriction(tx, req, restrictionEvents[req.Kind].on)
	})
	if err != nil || rest.ID == "" {
		return err
	}
	return e.Finish(ctx, rest)
}

// checkRestriction is checkVersion for a ban or mute.
func (e *Effects) checkRestriction(tx *sqlstore.Tx, req chat.Restrict) error {
	if req.Operation.IfVersion == nil {
		return nil
	}
	r, found, err := tx.Restriction(req.Kind, req.UserID, req.CID, e.now())
	if err != nil {
		return err
	}
	version := chat.NoVersion
	if found {
		version = r.Version()
	}
	return e.checkVersion(tx, req.Operation.By, req.Operation.IfVersion, "ifVersion", version,
		chat.ChangeTarget{Kind: chat.RestrictionTarget, CID: req.CID, UserID: req.UserID, Item: string(req.Kind)})
}

func (e *Effects) lift(tx *sqlstore.Tx, req chat.Restrict, kind chat.RestrictionKind) error {
	lifted, err := tx.LiftRestriction(kind, req.UserID, req.CID)
	if err != nil || !lifted {
		return err
	}
	return e.recordRestriction(tx, req, restrictionEvents[kind].off)
}

// Restrictions implements chat.Provider.
func (e *Engine) Restrictions(ctx context.Context, cid chat.CID) ([]chat.ChannelRestriction, error) {
	list, found, err := e.Store.Restrictions(ctx, cid, e.now(), chat.MaxRestrictions)
	if err == nil && !found {
		err = chat.NoChannel("cid")
	}
	return list, err
}

func (e *Effects) mayRestrict(tx *sqlstore.Tx, req chat.Restrict) error {
	by := req.Operation.By
	if req.CID != (chat.CID{}) {
		if err := e.allow(tx, by, req.CID, "cid", e.policy.MayModerate); err != nil {
			return err
		}
	} else if !by.BackOffice {
		role, err := tx.Role(by.ID)
		if err != nil {
			return err
		}
		if refused := e.policy.MayModerate(chat.Standing{Role: role}, ""); refused != nil {
			return chat.Denied(refused)
		}
	}
	unknown, err := UnknownUsers(tx, []string{req.UserID})
	if err == nil && len(unknown) > 0 {
		err = NoUser()
	}
	return err
}

// recordRestriction records a restriction in the log of the back office and, if it is in one
// channel, in the channel's log.
func (e *Effects) recordRestriction(tx *sqlstore.Tx, req chat.Restrict, event chat.EventType) error {
	if event == "" {
		return nil
	}
	entry := sqlstore.Entry{Type: event, CID: req.CID, User: req.UserID, At: e.now()}
	if req.CID != (chat.CID{}) {
		return e.RecordInBoth(tx, entry)
	}
	tx.AfterCommit(func() { e.tellAccess(req.UserID) })
	return e.RecordForDesk(tx, entry)
}
