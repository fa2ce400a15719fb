package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid" // version 7: ids in order of time keep the index narrow; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SendMessage implements chat.Provider.
func (e *Engine) SendMessage(ctx context.Context, req chat.SendMessage) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making a message id: %w", err)
	}
	m := chat.Message{
		ID:          id.String(),
		CID:         req.CID,
		Sender:      chat.User{ID: req.Sender.ID, Name: req.Sender.Name, Role: chat.RoleUser},
		Text:        req.Text,
		Attachments: req.Attachments,
	}
	for _, id := range req.Mentions {
		m.Mentions = append(m.Mentions, chat.User{ID: id})
	}
	return e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		m.CreatedAt = e.now()
		m.Sender.CreatedAt = m.CreatedAt
		return m.ID, e.post(tx, req, m)
	})
}

// post checks, then stores. Nobody is made a chat user by a message that is
// refused.
func (e *Engine) post(tx *sqlstore.Tx, req chat.SendMessage, m chat.Message) error {
	if by := req.Operation.By; !by.BackOffice {
		s, err := tx.Standing(m.CID, by.ID, e.now())
		if err := judge(s, err, by, m.CID, "cid", e.policy.MayWrite); err != nil {
			return err
		}
		if err := e.checkCooldown(tx, s, by, m.CID); err != nil {
			return err
		}
		m.Shadowed = s.Shadowed()
	}
	if err := e.checkMessage(tx, m.CID, chat.Content{Text: m.Text, Files: len(m.Attachments) > 0}); err != nil {
		return err
	}
	if err := checkMentions(tx, req.Mentions); err != nil {
		return err
	}
	seq, err := tx.AppendMessage(m)
	if err != nil {
		return err
	}
	if seq == 0 {
		return noChannel("cid")
	}
	if m.Sender, err = tx.EnsureUser(m.Sender); err != nil {
		return err
	}
	m.Seq = seq
	tx.AfterCommit(func() { e.hub.posted(m) })
	return nil
}

// checkCooldown keeps users to one message in the channel's cooldown. Moderators
// need not wait.
func (e *Engine) checkCooldown(tx *sqlstore.Tx, s chat.Standing, by chat.Actor, cid chat.CID) error {
	if s.Wait == 0 || s.Moderates() {
		return nil
	}
	last, err := tx.LastSent(cid, by.ID)
	if wait := last.Add(time.Duration(s.Wait) * time.Second).Sub(e.now()); err == nil && wait > 0 {
		slow := chat.TooFast(wait, "The channel takes one message in %d seconds from each user.", s.Wait)
		slow.Field = "cid"
		return slow.Because(chat.Cooldown)
	}
	return err
}

func checkMentions(tx *sqlstore.Tx, ids []string) error {
	return checkKnown(tx, "mentions", ids)
}

// unknownUsers returns those of the ids that are no user's. An id that can't be
// one is not worth a question.
func unknownUsers(tx *sqlstore.Tx, ids []string) ([]string, error) {
	var possible, unknown []string
	for _, id := range ids {
		if chat.CheckUserID(id) == nil {
			possible = append(possible, id)
		} else {
			unknown = append(unknown, id)
		}
	}
	missing, err := tx.UnknownUsers(possible)
	return append(unknown, missing...), err
}

// EditMessage implements chat.Provider.
func (e *Engine) EditMessage(ctx context.Context, req chat.EditMessage) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if _, err := e.messageToChange(tx, req.Operation.By, req.CID, req.ID, e.policy.MayWrite); err != nil {
			return "", err
		}
		old, err := messageToWrite(tx, req.ID)
		if err != nil {
			return "", err
		}
		after, bad := req.Apply(old.Attachments, userIDs(old.Mentions))
		if bad != nil {
			return "", bad
		}
		if err := e.checkMessage(tx, req.CID, chat.Content{Text: req.Text, Files: after.Added}); err != nil {
			return "", err
		}
		if err := checkMentions(tx, after.Mentioned); err != nil {
			return "", err
		}
		m := old
		m.Text, m.EditedAt, m.Attachments, m.Mentions = req.Text, e.now(), after.Attachments, nil
		if m.Text != old.Text { // they show what it said before
			m.HTML, m.MML = "", ""
		}
		for _, id := range after.Mentions {
			m.Mentions = append(m.Mentions, chat.User{ID: id})
		}
		return "", e.rewrite(tx, old, m, req.Operation.By)
	})
	return err
}

func userIDs(list []chat.User) []string {
	ids := make([]string, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	return ids
}

// DeleteMessage implements chat.Provider.
func (e *Engine) DeleteMessage(ctx context.Context, req chat.DeleteMessage) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		m, err := e.messageToChange(tx, req.Operation.By, req.CID, req.ID, e.policy.MayRead)
		if err != nil || !m.DeletedAt.IsZero() {
			return "", err
		}
		old, err := messageToWrite(tx, req.ID)
		if err != nil {
			return "", err
		}
		return "", e.empty(tx, old, req.Operation.By, true)
	})
	return err
}

// messageToChange returns the state of a message that the actor may change: its
// sender while the rule allows it, and who moderates.
func (e *Engine) messageToChange(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, id string, r chat.Rule) (chat.Message, error) {
	m, found, err := tx.MessageState(cid, id)
	if err != nil {
		return m, err
	}
	found = found && m.VisibleTo(by)
	if !found || m.Sender.ID != by.ID {
		r = e.policy.MayModerate
	}
	if err := e.allow(tx, by, cid, "cid", r); err != nil {
		return m, err
	}
	if !found {
		return m, noMessage()
	}
	return m, nil
}

// PinMessage implements chat.Provider.
func (e *Engine) PinMessage(ctx context.Context, req chat.PinMessage) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.allow(tx, req.Operation.By, req.CID, "cid", e.policy.MayModerate); err != nil {
			return "", err
		}
		if err := standingMessage(tx, req.Operation.By, req.CID, req.ID); err != nil {
			return "", err
		}
		old, err := messageToWrite(tx, req.ID)
		if err != nil || old.PinnedNow(e.now()) == req.Pinned {
			return "", err
		}
		m := old
		m.Pin(req.Pinned, time.Time{}, req.Operation.By.ID, e.now())
		return "", e.rewrite(tx, old, m, req.Operation.By)
	})
	return err
}

// React implements chat.Provider.
func (e *Engine) React(ctx context.Context, req chat.React) error {
	by := req.Operation.By
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.allow(tx, by, req.CID, "cid", e.policy.MayWrite); err != nil {
			return "", err
		}
		if err := standingMessage(tx, by, req.CID, req.MessageID); err != nil {
			return "", err
		}
		if err := e.checkReaction(tx, req.CID); err != nil && !req.Remove {
			return "", err
		}
		entry := e.about(chat.ReactionNew, by, req.CID, req.MessageID)
		entry.Detail = req.Type
		var changed bool
		var err error
		if req.Remove {
			entry.Type = chat.ReactionDeleted
			changed, err = tx.RemoveReaction(req.MessageID, by.ID, req.Type)
		} else {
			changed, err = e.addReaction(tx, req.MessageID, by.ID, req.Type)
		}
		if err != nil || !changed {
			return "", err
		}
		if _, err := tx.EnsureUser(chat.User{ID: by.ID, Name: by.Name, Role: chat.RoleUser, CreatedAt: e.now()}); err != nil {
			return "", err
		}
		return "", e.record(tx, entry)
	})
	return err
}

// standingMessage checks that there is such a message for the actor and that it isn't
// deleted.
func standingMessage(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, id string) error {
	m, found, err := tx.MessageState(cid, id)
	if err == nil && (!found || !m.DeletedAt.IsZero() || !m.VisibleTo(by)) {
		err = noMessage()
	}
	return err
}

func noMessage() error { return chat.Missing("message", "There is no such message.") }

func (e *Engine) about(event chat.EventType, by chat.Actor, cid chat.CID, message string) sqlstore.Entry {
	return sqlstore.Entry{Type: event, CID: cid, User: by.ID, Message: message, At: e.now()}
}

// Message implements chat.Provider.
func (e *Engine) Message(ctx context.Context, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	m, found, err := e.store.Message(ctx, id)
	if err == nil && (!found || m.CID != cid || !m.VisibleTo(by)) {
		return chat.Message{}, noMessage()
	}
	e.expirePin(&m)
	return m, err
}

// Messages implements chat.Provider.
func (e *Engine) Messages(ctx context.Context, q chat.MessageQuery) (chat.Page[chat.Message], error) {
	list, found, err := e.store.Messages(ctx, q)
	if err == nil && !found {
		err = noChannel("cid")
	}
	for i := range list {
		e.expirePin(&list[i])
	}
	if q.FromEnd {
		return backward(list, q.Limit, q.Before > 0), err
	}
	return forward(list, q.Limit, q.After > 0), err
}

// LastMessages implements chat.Provider.
func (e *Engine) LastMessages(ctx context.Context, cids []chat.CID) ([]chat.Message, error) {
	list, err := e.store.LastMessages(ctx, cids)
	for i := range list {
		e.expirePin(&list[i])
	}
	return list, err
}

// expirePin takes a pin away whose time is over.
func (e *Engine) expirePin(m *chat.Message) {
	if !m.PinExpires.IsZero() && !m.PinExpires.After(e.now()) {
		m.PinnedAt = time.Time{}
	}
}
