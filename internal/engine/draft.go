package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// PutDraft keeps what a user has begun to write, in the place of what it had in that
// channel or thread. It fails as [Engine.PostMessage] does where the message could
// not be sent, but lets those pass that have a word of a block list.
func (e *Engine) PutDraft(ctx context.Context, m chat.MessageDetail) error {
	m, err := checked(m)
	if err != nil {
		return err
	}
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		exists, err := tx.HasChannel(m.CID)
		if err == nil && !exists {
			err = noChannel("cid")
		}
		if err != nil {
			return err
		}
		settings, err := e.config(tx, m.CID)
		if err != nil {
			return err
		}
		if bad := settings.CheckMessage(chat.Content{Text: m.Text, Files: len(m.Attachments) > 0, Reply: m.Parent != "", Poll: m.PollID != ""}); bad != nil {
			return bad
		}
		if err := checkReferences(tx, m); err != nil {
			return err
		}
		n, err := tx.OtherDrafts(m.CID, m.Sender.ID, m.Parent)
		if err == nil && n >= chat.MaxDrafts {
			err = chat.Invalid("user_id", "A user has at most %d drafts; delete one first.", chat.MaxDrafts)
		}
		if err != nil {
			return err
		}
		return tx.PutDraft(chat.Draft{Message: m, CreatedAt: e.now()})
	})
}

// Draft returns a user's draft in a channel, or in the thread of a message there;
// NotFound.
func (e *Engine) Draft(ctx context.Context, cid chat.CID, user, parent string) (chat.Draft, error) {
	d, found, err := e.store.Draft(ctx, cid, user, parent, e.now())
	if err == nil && !found {
		err = noDraft()
	}
	return d, err
}

// DropDraft removes a draft; NotFound.
func (e *Engine) DropDraft(ctx context.Context, cid chat.CID, user, parent string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, err := tx.DropDraft(cid, user, parent)
		if err == nil && !found {
			err = noDraft()
		}
		return err
	})
}

func noDraft() error { return chat.Missing("user_id", "The user has no draft here.") }

// SearchDrafts returns those of a user's drafts that match, the newest first where
// nothing else is asked. InvalidArguments: the filter or sort asks what can't be
// asked.
func (e *Engine) SearchDrafts(ctx context.Context, user string, q chat.Listing) ([]chat.Draft, error) {
	return e.store.SearchDrafts(ctx, user, q, e.now())
}
