package extra

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// Flag reports a message or user to the moderators. It returns the id that all flags of that
// message or user share. A user's second flag replaces the first. NotFound: the message or user.
// InvalidArguments: the app doesn't allow the reason.
func (e *Engine) Flag(ctx context.Context, f store.Flag) (item string, err error) {
	if err := f.Check(); err != nil {
		return "", err
	}
	made, err := uuid.NewRandom()
	if err != nil {
		return "", fmt.Errorf("making an item id: %w", err)
	}
	err = e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		f := f
		s, err := e.SettingsIn(tx)
		if err != nil {
			return err
		}
		if allowed := s.App.FlagReasons; len(allowed) > 0 && !slices.Contains(allowed, f.Reason) {
			return chat.Invalid("reason", "reason is one of %q.", allowed)
		}
		if err := flagged(tx, &f); err != nil {
			return err
		}
		if item, err = store.FlagItem(tx, f); err != nil {
			return err
		}
		if item == "" {
			item = made.String()
		}
		f.Item, f.CreatedAt = item, e.now()
		if err := store.PutFlag(tx, f); err != nil {
			return err
		}
		return e.recordFlag(tx, f)
	})
	return item, err
}

// flagged looks up the flagged message or user.
func flagged(tx *sqlstore.Tx, f *store.Flag) error {
	if f.MessageID != "" {
		m, err := engine.ExistingMessage(tx, chat.Actor{BackOffice: true}, chat.CID{}, f.MessageID)
		f.CID = m.CID
		return err
	}
	unknown, err := engine.UnknownUsers(tx, []string{f.TargetID})
	if err == nil && len(unknown) > 0 {
		err = engine.NoUser()
	}
	return err
}

// recordFlag records the flag in the back office's log.
func (e *Engine) recordFlag(tx *sqlstore.Tx, f store.Flag) error {
	if f.MessageID == "" {
		return e.RecordForDesk(tx, sqlstore.Entry{Type: chat.UserFlagged, User: f.TargetID, At: e.now()})
	}
	return e.RecordForDesk(tx, e.Entry(chat.MessageFlagged, chat.Actor{ID: f.By}, f.CID, f.MessageID))
}

// Unflag removes a user's flag of a message or user; NotFound.
func (e *Engine) Unflag(ctx context.Context, f store.Flag) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		found, err := store.Unflag(tx, f)
		if err == nil && !found {
			err = chat.Missing("entity_id", "The user %q has no such flag.", f.By)
		}
		return err
	})
}

// SearchFlags returns the flags that match, newest first by default. InvalidArguments: the filter
// or sort isn't supported.
func (e *Engine) SearchFlags(ctx context.Context, q store.FlagSearch) ([]store.Flag, error) {
	return e.store.SearchFlags(ctx, q)
}

// CountFlags counts the flags of a user and of the user's messages; if kind is [chat.MessageEntity]
// or [chat.UserEntity], only those.
func (e *Engine) CountFlags(ctx context.Context, target, kind string) (int64, error) {
	return e.store.CountFlags(ctx, target, kind)
}
