package engine

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// PutReaction makes a user's reaction be as given, and where it is to be the only
// one takes the user's others away. The user must be a chat user. NotFound: the
// message.
func (e *Engine) PutReaction(ctx context.Context, r chat.ReactionDetail, only bool) error {
	if err := r.CheckDetail(); err != nil {
		return err
	}
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, err := messageToWrite(tx, r.MessageID)
		if err == nil {
			err = e.checkReaction(tx, m.CID)
		}
		if err != nil {
			return err
		}
		if only {
			if err := e.removeOthers(tx, m, r); err != nil {
				return err
			}
		}
		r.UpdatedAt = e.now()
		added, err := e.addReaction(tx, m.ID, r.User.ID, r.Type)
		if err == nil {
			err = tx.SetReaction(r)
		}
		if err != nil || !added {
			return err
		}
		return e.recordReaction(tx, chat.ReactionNew, m, r)
	})
}

// addReaction adds a user's reaction if there is room for it, and reports whether it
// wasn't there. Counting all types reads all reactions, so it comes last.
func (e *Engine) addReaction(tx *sqlstore.Tx, message, user, word string) (added bool, err error) {
	own, err := tx.ReactionsOf(message, user)
	if err != nil || slices.ContainsFunc(own, func(r chat.ReactionDetail) bool { return r.Type == word }) {
		return false, err
	}
	used, err := tx.HasReactionType(message, word)
	if err != nil {
		return false, err
	}
	var types []string
	if !used {
		if types, err = tx.ReactionTypes(message); err != nil {
			return false, err
		}
	}
	if full := chat.CheckReactionRoom(len(own), len(types), used); full != nil {
		return false, full
	}
	return tx.AddReaction(message, user, word, e.now())
}

func (e *Engine) removeOthers(tx *sqlstore.Tx, m chat.MessageDetail, r chat.ReactionDetail) error {
	list, err := tx.ReactionsOf(m.ID, r.User.ID)
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.Type == r.Type {
			continue
		}
		if _, err := tx.RemoveReaction(m.ID, r.User.ID, other.Type); err != nil {
			return err
		}
		if err := e.recordReaction(tx, chat.ReactionDeleted, m, other); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) recordReaction(tx *sqlstore.Tx, event chat.EventType, m chat.MessageDetail, r chat.ReactionDetail) error {
	entry := e.about(event, chat.Actor{ID: r.User.ID}, m.CID, m.ID)
	entry.Detail = r.Type
	return e.record(tx, entry)
}

// RemoveReaction takes a user's reaction away and returns what it was; NotFound.
func (e *Engine) RemoveReaction(ctx context.Context, message, user, word string) (removed chat.ReactionDetail, err error) {
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		m, err := messageToWrite(tx, message)
		if err != nil {
			return err
		}
		list, err := tx.ReactionsOf(message, user)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Type == word {
				removed = r
				if _, err := tx.RemoveReaction(message, user, word); err != nil {
					return err
				}
				return e.recordReaction(tx, chat.ReactionDeleted, m, r)
			}
		}
		return chat.Missing("type", "The user has no reaction %q to this message.", word)
	})
	return removed, err
}

// SearchReactions returns those reactions to a message that match, newest first
// where nothing else is asked. NotFound; InvalidArguments: the filter or sort asks
// what can't be asked.
func (e *Engine) SearchReactions(ctx context.Context, message string, q chat.Listing) ([]chat.ReactionDetail, error) {
	if _, err := e.MessageDetail(ctx, message, ""); err != nil {
		return nil, err
	}
	return e.store.SearchReactions(ctx, message, q, e.now())
}
