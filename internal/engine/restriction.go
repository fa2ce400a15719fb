package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

var restrictionEvents = map[chat.RestrictionKind]struct{ on, off chat.EventType }{
	chat.Ban:  {chat.UserBanned, chat.UserUnbanned},
	chat.Mute: {chat.UserMuted, chat.UserUnmuted},
}

// Restrict implements chat.Provider.
func (e *Engine) Restrict(ctx context.Context, req chat.Restrict) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.mayRestrict(tx, req); err != nil {
			return "", err
		}
		if req.Lift {
			lifted, err := tx.LiftRestriction(req.Kind, req.UserID, req.CID)
			if err != nil || !lifted {
				return "", err
			}
			return "", e.recordRestriction(tx, req, restrictionEvents[req.Kind].off)
		}
		r := chat.Restriction{Kind: req.Kind, UserID: req.UserID, CID: req.CID, Until: req.Until, By: req.Operation.By.ID, CreatedAt: e.now()}
		if err := tx.Restrict(r); err != nil {
			return "", err
		}
		return "", e.recordRestriction(tx, req, restrictionEvents[req.Kind].on)
	})
	return err
}

// Restrictions implements chat.Provider.
func (e *Engine) Restrictions(ctx context.Context, cid chat.CID) ([]chat.ChannelRestriction, error) {
	list, found, err := e.store.Restrictions(ctx, cid, e.now(), chat.MaxRestrictions)
	if err == nil && !found {
		err = noChannel("cid")
	}
	return list, err
}

func (e *Engine) mayRestrict(tx *sqlstore.Tx, req chat.Restrict) error {
	by := req.Operation.By
	if req.CID != (chat.CID{}) {
		if err := e.allow(tx, by, req.CID, "input.cid", e.policy.MayModerate); err != nil {
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
	unknown, err := unknownUsers(tx, []string{req.UserID})
	if err == nil && len(unknown) > 0 {
		err = noUser()
	}
	return err
}

// recordRestriction tells the back office, and the channel where it holds in one.
func (e *Engine) recordRestriction(tx *sqlstore.Tx, req chat.Restrict, event chat.EventType) error {
	entry := sqlstore.Entry{Type: event, CID: req.CID, User: req.UserID, At: e.now()}
	if err := e.recordForDesk(tx, entry); err != nil {
		return err
	}
	if req.CID != (chat.CID{}) {
		return e.record(tx, entry)
	}
	tx.AfterCommit(func() { e.hub.accessChanged(req.UserID, e.now()) })
	return nil
}

// Ban keeps a user out, of one channel or of all, as the caller's own back end wants
// it: a ban takes the place of a shadow ban, and the other way round. NotFound: the
// user or channel. What the user wrote there is deleted where that is wanted.
func (e *Engine) Ban(ctx context.Context, r chat.Restriction, messages chat.DeleteMode) error {
	if bad := r.Check(); bad != nil {
		return bad
	}
	if err := e.ban(ctx, r); err != nil {
		return err
	}
	return e.deleteMessagesBy(ctx, chat.Actor{ID: r.By}, r.UserID, r.CID, messages)
}

func (e *Engine) ban(ctx context.Context, r chat.Restriction) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		req := backOfficeRestriction(r)
		if err := e.mayRestrict(tx, req); err != nil {
			return err
		}
		r.CreatedAt = e.now()
		if err := tx.Restrict(r); err != nil {
			return err
		}
		if r.Kind == chat.Shadow { // nobody is told
			return e.lift(tx, req, chat.Ban)
		}
		if err := e.lift(tx, req, chat.Shadow); err != nil {
			return err
		}
		return e.recordRestriction(tx, req, chat.UserBanned)
	})
}

// Unban lifts a user's ban and shadow ban, of one channel or of all; NotFound.
func (e *Engine) Unban(ctx context.Context, r chat.Restriction) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		req := backOfficeRestriction(r)
		if err := e.mayRestrict(tx, req); err != nil {
			return err
		}
		if err := e.lift(tx, req, chat.Shadow); err != nil {
			return err
		}
		return e.lift(tx, req, chat.Ban)
	})
}

func backOfficeRestriction(r chat.Restriction) chat.Restrict {
	by := chat.Actor{ID: r.By, BackOffice: true}
	return chat.Restrict{Operation: chat.Operation{By: by}, Kind: r.Kind, UserID: r.UserID, CID: r.CID, Until: r.Until}
}

func (e *Engine) lift(tx *sqlstore.Tx, req chat.Restrict, kind chat.RestrictionKind) error {
	lifted, err := tx.LiftRestriction(kind, req.UserID, req.CID)
	if err != nil || !lifted || kind == chat.Shadow {
		return err
	}
	return e.recordRestriction(tx, req, chat.UserUnbanned)
}

// SearchBans returns the bans and shadow bans that match. InvalidArguments: the
// filter or sort asks what can't be asked.
func (e *Engine) SearchBans(ctx context.Context, q chat.RestrictionSearch) ([]chat.Restriction, error) {
	return e.store.SearchBans(ctx, q, e.now())
}
