package engine

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// React implements chat.Provider. For the back office the cid may be zero.
func (e *Engine) React(ctx context.Context, req chat.React) error {
	by := req.Operation.By
	var reads func(*sqlstore.Reads)
	if !req.Only && req.Data == nil {
		reads = func(r *sqlstore.Reads) {
			e.readStanding(r, req.CID, by)
			r.Message(req.MessageID)
			r.Reacting(req.MessageID, by.ID, req.Type)
			r.User(by.ID)
		}
	}
	_, err := e.carryOut(ctx, req.CID, reads, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if req.CID != (chat.CID{}) || !by.BackOffice {
			if err := e.allow(tx, by, req.CID, "cid", e.policy.MayWrite); err != nil {
				return "", err
			}
		}
		m, err := ExistingMessage(tx, by, req.CID, req.MessageID)
		if err != nil {
			return "", err
		}
		if req.Remove {
			return "", e.removeReaction(tx, m, by, req.Type)
		}
		if err := e.checkReaction(tx, m.CID); err != nil {
			return "", err
		}
		return "", e.putReaction(tx, m, req)
	})
	return err
}

// putReaction adds a user's reaction, or changes its score and data.
func (e *Effects) putReaction(tx *sqlstore.Tx, m chat.Message, req chat.React) error {
	by := req.Operation.By
	if req.Only {
		if err := e.removeOthers(tx, m, by, req.Type); err != nil {
			return err
		}
	}
	added, err := e.addReaction(tx, m.ID, by.ID, req.Type)
	if err != nil {
		return err
	}
	if req.Data != nil {
		r := *req.Data
		r.MessageID, r.Type, r.User.ID, r.UpdatedAt = m.ID, req.Type, by.ID, e.now()
		if err := r.Check(); err != nil {
			return err
		}
		if err := tx.SetReaction(r); err != nil {
			return err
		}
	}
	if !added {
		return nil
	}
	return e.recordReaction(tx, chat.ReactionNew, m, by, req.Type)
}

// removeReaction removes a user's reaction, if there is one.
func (e *Effects) removeReaction(tx *sqlstore.Tx, m chat.Message, by chat.Actor, word string) error {
	own, err := tx.ReactionsOf(m.ID, by.ID)
	if err != nil || !slices.ContainsFunc(own, func(r chat.Reaction) bool { return r.Type == word }) {
		return err
	}
	if err := tx.RemoveReaction(m.ID, by.ID, word); err != nil {
		return err
	}
	return e.recordReaction(tx, chat.ReactionDeleted, m, by, word)
}

// removeOthers removes a user's reactions of other types.
func (e *Effects) removeOthers(tx *sqlstore.Tx, m chat.Message, by chat.Actor, word string) error {
	list, err := tx.ReactionsOf(m.ID, by.ID)
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.Type == word {
			continue
		}
		if err := e.removeReaction(tx, m, by, other.Type); err != nil {
			return err
		}
	}
	return nil
}

// recordReaction records a reaction or its removal. The user becomes a chat user.
func (e *Effects) recordReaction(tx *sqlstore.Tx, event chat.EventType, m chat.Message, by chat.Actor, word string) error {
	if _, err := tx.EnsureUser(chat.User{ID: by.ID, Name: by.Name, Role: chat.RoleUser, CreatedAt: e.now()}); err != nil {
		return err
	}
	entry := e.Entry(event, by, m.CID, m.ID)
	entry.Detail = word
	return e.Record(tx, entry)
}

// addReaction adds a user's reaction if there is room for it, and reports whether it is new.
func (e *Effects) addReaction(tx *sqlstore.Tx, message, user, word string) (added bool, err error) {
	own, err := tx.ReactionsOf(message, user)
	if err != nil || slices.ContainsFunc(own, func(r chat.Reaction) bool { return r.Type == word }) {
		return false, err
	}
	others, err := tx.OtherReactionTypes(message, word)
	if err != nil {
		return false, err
	}
	if full := chat.CheckReactionRoom(len(own), len(others), false); full != nil {
		return false, full
	}
	return true, tx.AddReaction(message, user, word, e.now())
}
