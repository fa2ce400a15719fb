package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid" // version 7: ids ordered by time keep the index small; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// SendMessage implements chat.Provider. Additional errors: Conflict: the id is taken;
// InvalidArguments: the parent or the quoted message isn't in the channel.
func (e *Engine) SendMessage(ctx context.Context, req chat.SendMessage) (string, error) {
	m, err := e.PrepareMessage(req.Message)
	if err != nil {
		return "", err
	}
	// These are the parts of req that the function below needs. req is too large to be captured.
	by, fresh, keepHidden := req.Operation.By, req.Message.ID == "", req.KeepHidden
	at, sender, name, mentions := m.CreatedAt, m.Sender.ID, m.Sender.Name, m.Mentions
	reads := func(r *sqlstore.Reads) {
		e.readStanding(r, m.CID, by)
		if by.ID != sender {
			r.Standing(m.CID, sender, e.now())
		}
		r.User(sender)
	}
	return e.carryOut(ctx, m.CID, reads, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		m.CreatedAt, m.Sender, m.Mentions = at, chat.User{ID: sender, Name: name}, mentions // the function may run twice
		if m.CreatedAt.IsZero() {
			m.CreatedAt = e.now()
		}
		if err := e.MayPost(tx, by, &m, fresh); err != nil {
			return "", err
		}
		return m.ID, e.AppendMessage(tx, &m, keepHidden)
	})
}

// PrepareMessage returns a new message with an id, checked by the rules that need no state.
func (e *Engine) PrepareMessage(m chat.Message) (chat.Message, error) {
	if m.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return m, fmt.Errorf("making a message id: %w", err)
		}
		m.ID = id.String()
	}
	return m, m.Check()
}

// MayPost checks a new message, and marks it if its sender is shadow banned. fresh means that its
// id was just generated.
func (e *Effects) MayPost(tx *sqlstore.Tx, by chat.Actor, m *chat.Message, fresh bool) (err error) {
	var s chat.Standing
	if !by.BackOffice {
		s, err = tx.Standing(m.CID, by.ID, e.now())
		if err := judge(s, err, by, m.CID, "cid", e.policy.MayWrite); err != nil {
			return err
		}
		if err := e.checkCooldown(tx, s, by, m.CID); err != nil {
			return err
		}
	}
	if by.ID != m.Sender.ID {
		if s, err = tx.Standing(m.CID, m.Sender.ID, m.CreatedAt); err == nil && !s.Exists {
			err = chat.NoChannel("cid")
		}
		if err != nil {
			return err
		}
	}
	m.Shadowed = s.Shadowed()
	if err := e.checkMessage(tx, m.CID, chat.Content{Text: m.Text, Files: len(m.Attachments) > 0, Reply: m.Parent != ""}); err != nil {
		return err
	}
	if !fresh {
		taken, err := tx.HasMessage(m.ID)
		if err == nil && taken {
			err = &chat.Error{Code: chat.Conflict, Field: "id", Message: fmt.Sprintf("A message with ID %s already exists.", m.ID)}
		}
		if err != nil {
			return err
		}
	}
	if err := e.dropStrangers(tx, by, m, nil); err != nil {
		return err
	}
	return checkReferences(tx, *m)
}

// dropStrangers removes from a plain user's mentions the users who aren't members of the channel
// and never wrote in it, unless they were mentioned before. An error would tell the user who is in
// the chat.
func (e *Effects) dropStrangers(tx *sqlstore.Tx, by chat.Actor, m *chat.Message, before []chat.User) error {
	if by.BackOffice || len(m.Mentions) == 0 {
		return nil
	}
	s, err := tx.Standing(m.CID, by.ID, e.now())
	if err != nil || s.Moderates() {
		return err
	}
	possible := slices.DeleteFunc(chat.IDs(m.Mentions), func(id string) bool { return chat.CheckUserID(id) != nil })
	here, err := tx.Participants(m.CID, possible)
	m.Mentions = slices.DeleteFunc(slices.Clone(m.Mentions), func(u chat.User) bool {
		return !here[u.ID] && !slices.ContainsFunc(before, func(b chat.User) bool { return b.ID == u.ID })
	})
	return err
}

// AppendMessage stores a message that was checked. Its sender becomes a chat user.
func (e *Effects) AppendMessage(tx *sqlstore.Tx, m *chat.Message, keepHidden bool) (err error) {
	if m.Seq, err = tx.AppendMessage(m, keepHidden); err != nil {
		return err
	}
	if m.Seq == 0 {
		return chat.NoChannel("cid")
	}
	if m.Sender, err = tx.EnsureUser(chat.User{ID: m.Sender.ID, Name: m.Sender.Name, Role: chat.RoleUser, CreatedAt: m.CreatedAt}); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		e.Hub.Posted(m)
		e.passMessage(m)
		e.observe(sqlstore.Entry{Type: chat.MessageNew, CID: m.CID, User: m.Sender.ID, Message: m.ID, At: m.CreatedAt})
	})
	return nil
}

// checkCooldown limits users to one message per cooldown of the channel. Moderators are exempt.
func (e *Effects) checkCooldown(tx *sqlstore.Tx, s chat.Standing, by chat.Actor, cid chat.CID) error {
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

// checkReferences checks the messages and users that a message refers to.
func checkReferences(tx *sqlstore.Tx, m chat.Message) error {
	if err := checkKnown(tx, "mentions", chat.IDs(m.Mentions)); err != nil {
		return err
	}
	if m.Parent != "" {
		parent, found, err := tx.Message(m.Parent)
		switch {
		case err != nil:
			return err
		case !found || parent.Erased || parent.CID != m.CID:
			return chat.Invalid("parent_id", "There is no message %q in this channel to reply to.", m.Parent)
		case parent.Parent != "":
			return chat.Invalid("parent_id", "A reply can't be replied to; reply to %q.", parent.Parent)
		}
	}
	if m.QuotedID != "" {
		quoted, found, err := tx.Message(m.QuotedID)
		if err == nil && (!found || quoted.Erased || quoted.CID != m.CID) {
			err = chat.Invalid("quoted_message_id", "There is no message %q in this channel to quote.", m.QuotedID)
		}
		return err
	}
	return nil
}

func checkKnown(tx *sqlstore.Tx, field string, ids []string) error {
	unknown, err := UnknownUsers(tx, ids)
	if err == nil && len(unknown) > 0 {
		err = chat.UnknownUsers(field, unknown)
	}
	return err
}

// UnknownUsers returns the ids that belong to no user. It doesn't query ids that aren't valid.
func UnknownUsers(tx *sqlstore.Tx, ids []string) ([]string, error) {
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
	return e.ChangeMessage(ctx, req.Operation, req.CID, req.ID, func(m *chat.Message) error {
		after, bad := req.Apply(m.Attachments, chat.IDs(m.Mentions))
		if bad != nil {
			return bad
		}
		if m.Text != req.Text { // these show the old text
			m.HTML, m.MML = "", ""
		}
		m.Text, m.EditedAt, m.Attachments, m.Mentions = req.Text, e.now(), after.Attachments, chat.Users(after.Mentions)
		return nil
	})
}

// ChangeMessage applies change to a message and stores it. The sender and moderators may do this.
// For the back office the cid may be zero. NotFound, also if the message is deleted;
// InvalidArguments as with SendMessage. If change fails, its error is returned and nothing is
// stored.
func (e *Engine) ChangeMessage(ctx context.Context, op chat.Operation, cid chat.CID, id string, change func(m *chat.Message) error) error {
	_, err := e.change(ctx, cid, op, func(tx *sqlstore.Tx) (string, error) {
		old, err := e.messageFor(tx, op.By, cid, id, e.policy.MayWrite)
		if err == nil && !old.DeletedAt.IsZero() {
			err = noMessage()
		}
		if err != nil {
			return "", err
		}
		if own(op.By, old) {
			tx.Unrecord()
		}
		if err := e.checkVersion(tx, op.By, op.IfVersion, "ifVersion", old.Version(), about(old)); err != nil {
			return "", err
		}
		if !old.PinnedNow(e.now()) {
			old.Pin(false, time.Time{}, "", e.now())
		}
		m := old
		if err := change(&m); err != nil {
			return "", err
		}
		if err := m.Check(); err != nil {
			return "", err
		}
		if err := e.checkMessage(tx, m.CID, chat.Content{Text: m.Text, Files: addsFiles(old, m)}); err != nil {
			return "", err
		}
		if err := e.dropStrangers(tx, op.By, &m, old.Mentions); err != nil {
			return "", err
		}
		if err := checkReferences(tx, newReferences(old, m)); err != nil {
			return "", err
		}
		return "", e.rewrite(tx, old, m, op.By)
	})
	return err
}

// messageFor returns a message that the actor may change: as its sender if the rule allows it, or
// as a moderator. The message may be deleted.
func (e *Effects) messageFor(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, id string, r chat.Rule) (chat.Message, error) {
	m, found, err := tx.Message(id)
	if err != nil {
		return m, err
	}
	if cid == (chat.CID{}) && by.BackOffice {
		cid = m.CID
	}
	found = found && m.CID == cid && m.VisibleTo(by)
	if !found || m.Sender.ID != by.ID {
		r = e.policy.MayModerate
	}
	if found || cid != (chat.CID{}) {
		if err := e.allow(tx, by, cid, "cid", r); err != nil {
			return m, err
		}
	}
	if !found {
		return m, noMessage()
	}
	return m, nil
}

// DeleteMessage implements chat.Provider.
func (e *Engine) DeleteMessage(ctx context.Context, req chat.DeleteMessage) error {
	_, err := e.change(ctx, req.CID, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		m, err := e.messageFor(tx, req.Operation.By, req.CID, req.ID, e.policy.MayRead)
		if err == nil && own(req.Operation.By, m) {
			tx.Unrecord()
		}
		if err == nil {
			err = e.checkVersion(tx, req.Operation.By, req.Operation.IfVersion, "ifVersion", m.Version(), about(m))
		}
		switch {
		case err != nil:
			return "", err
		case m.Erased:
			tx.Note(about(m))
			return "", nil
		case req.Mode == chat.DeleteHard:
			return "", e.erase(tx, m, req.Operation.By)
		case !m.DeletedAt.IsZero():
			tx.Note(about(m))
			return "", nil
		}
		// Messages deleted by the staff can be restored; those that customers delete themselves
		// can't.
		return "", e.empty(tx, m, req.Operation.By, req.Mode != chat.DeleteSoft && own(req.Operation.By, m))
	})
	return err
}

// own reports whether somebody acts on its own message without the back office's rights. Such
// changes leave no record.
func own(by chat.Actor, m chat.Message) bool { return !by.BackOffice && by.ID == m.Sender.ID }

// about returns a message as a change's target.
func about(m chat.Message) chat.ChangeTarget {
	return chat.ChangeTarget{Kind: chat.MessageTarget, CID: m.CID, UserID: m.Sender.ID, Item: m.ID}
}

// PinMessage implements chat.Provider.
func (e *Engine) PinMessage(ctx context.Context, req chat.PinMessage) error {
	by := req.Operation.By
	_, err := e.change(ctx, req.CID, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.allow(tx, by, req.CID, "cid", e.policy.MayModerate); err != nil {
			return "", err
		}
		old, err := ExistingMessage(tx, by, req.CID, req.ID)
		if err == nil {
			err = e.checkVersion(tx, by, req.Operation.IfVersion, "ifVersion", old.Version(), about(old))
		}
		if err != nil {
			return "", err
		}
		if old.PinnedNow(e.now()) == req.Pinned {
			tx.Note(about(old))
			return "", nil
		}
		m := old
		m.Pin(req.Pinned, time.Time{}, by.ID, e.now())
		return "", e.rewrite(tx, old, m, by)
	})
	return err
}

// ExistingMessage returns a message that the actor may see and that isn't deleted. If cid is zero,
// it may be in any channel.
func ExistingMessage(tx *sqlstore.Tx, by chat.Actor, cid chat.CID, id string) (chat.Message, error) {
	m, found, err := tx.Message(id)
	if err == nil && (!found || cid != (chat.CID{}) && m.CID != cid || !m.DeletedAt.IsZero() || !m.VisibleTo(by)) {
		err = noMessage()
	}
	return m, err
}

func noMessage() error { return chat.Missing("message", "There is no such message.") }

// Entry returns an entry of a channel's log about a message.
func (e *Effects) Entry(event chat.EventType, by chat.Actor, cid chat.CID, message string) sqlstore.Entry {
	return sqlstore.Entry{Type: event, CID: cid, User: by.ID, Message: message, At: e.now()}
}
