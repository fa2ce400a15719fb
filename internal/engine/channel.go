package engine

import (
	"context"
	"strconv"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// AllChannels implements chat.Provider. Unchanged lists come from memory.
func (e *Engine) AllChannels(ctx context.Context) ([]chat.Channel, error) {
	return e.list.get(ctx, e)
}

// Channels implements chat.Provider.
func (e *Engine) Channels(ctx context.Context, q chat.ChannelQuery) (chat.Page[chat.Channel], error) {
	list, err := e.store.Channels(ctx, q)
	e.completeAvatars(list)
	return forward(list, q.Limit, q.After != chat.Position{}), err
}

// Channel implements chat.Provider.
func (e *Engine) Channel(ctx context.Context, cid chat.CID) (chat.Channel, error) {
	c, found, err := e.store.Channel(ctx, cid)
	if err == nil && !found {
		err = noChannel("cid")
	}
	c.Avatar = e.avatarURL(c.Avatar)
	return c, err
}

// CreateChannel implements chat.Provider.
func (e *Engine) CreateChannel(ctx context.Context, req chat.CreateChannel) (chat.CID, error) {
	id, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		cid, err := freeCID(tx, req.Type, req.WantID)
		if err != nil {
			return "", err
		}
		return cid.ID, e.insertChannel(tx, req.Operation.By, chat.Channel{CID: cid, Name: req.Name, Avatar: req.Avatar})
	})
	return chat.CID{Type: req.Type, ID: id}, err
}

// freeCID returns the wanted cid or, where it is taken, one that ends in -2, -3 …:
// some number that is free while the one before it is taken. It asks for 2, 4, 8 …
// and then halves the gap, so that the thousandth channel of a name costs hardly
// more than the second.
func freeCID(tx *sqlstore.Tx, kind chat.ChannelType, want string) (chat.CID, error) {
	numbered := func(n int) chat.CID {
		if n == 1 {
			return chat.CID{Type: kind, ID: want}
		}
		suffix := "-" + strconv.Itoa(n)
		return chat.CID{Type: kind, ID: want[:min(len(want), chat.MaxChannelIDLength-len(suffix))] + suffix}
	}
	taken, free := 0, 1
	for {
		used, err := tx.HasChannel(numbered(free))
		if err != nil {
			return chat.CID{}, err
		}
		if !used {
			break
		}
		taken, free = free, free*2
	}
	for free-taken > 1 {
		middle := (taken + free) / 2
		used, err := tx.HasChannel(numbered(middle))
		if err != nil {
			return chat.CID{}, err
		}
		if used {
			taken = middle
		} else {
			free = middle
		}
	}
	return numbered(free), nil
}

// PutChannel implements chat.Provider.
func (e *Engine) PutChannel(ctx context.Context, req chat.PutChannel) error {
	by := req.Operation.By
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		updated, err := tx.UpdateChannel(req.CID, req.Name, req.Avatar, e.now())
		switch {
		case err != nil:
			return "", err
		case updated:
			return "", e.recordChange(tx, req.CID, by)
		}
		return "", e.insertChannel(tx, by, chat.Channel{CID: req.CID, Name: req.Name, Avatar: req.Avatar.Value})
	})
	return err
}

func (e *Engine) insertChannel(tx *sqlstore.Tx, by chat.Actor, c chat.Channel) error {
	if c.CreatedBy = by.ID; c.CreatedAt.IsZero() {
		c.CreatedAt = e.now()
	}
	if err := tx.InsertChannel(c); err != nil {
		return err
	}
	return e.recordForDesk(tx, sqlstore.Entry{Type: chat.ChannelCreated, CID: c.CID, User: by.ID, At: c.CreatedAt})
}

// recordChange tells the channel and the back office that a channel's own data
// changed.
func (e *Engine) recordChange(tx *sqlstore.Tx, cid chat.CID, by chat.Actor) error {
	entry := sqlstore.Entry{Type: chat.ChannelUpdated, CID: cid, User: by.ID, At: e.now()}
	if err := e.record(tx, entry); err != nil {
		return err
	}
	return e.recordForDesk(tx, entry)
}

// FreezeChannel implements chat.Provider.
func (e *Engine) FreezeChannel(ctx context.Context, req chat.FreezeChannel) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		if err := e.allow(tx, req.Operation.By, req.CID, "cid", e.policy.MayModerate); err != nil {
			return "", err
		}
		if _, err := tx.FreezeChannel(req.CID, req.Frozen, e.now()); err != nil {
			return "", err
		}
		return "", e.recordChange(tx, req.CID, req.Operation.By)
	})
	return err
}

// DeleteChannels implements chat.Provider, all or none.
func (e *Engine) DeleteChannels(ctx context.Context, req chat.DeleteChannels) error {
	_, err := e.carryOut(ctx, req.Operation, func(tx *sqlstore.Tx) (string, error) {
		_, err := e.deleteChannels(tx, req.Operation.By, req.CIDs)
		return "", err
	})
	return err
}

// deleteChannels returns those that there were.
func (e *Engine) deleteChannels(tx *sqlstore.Tx, by chat.Actor, cids []chat.CID) ([]chat.CID, error) {
	deleted, err := tx.DeleteChannels(cids)
	if err != nil {
		return nil, err
	}
	for _, cid := range deleted {
		entry := sqlstore.Entry{Type: chat.ChannelDeleted, CID: cid, User: by.ID, At: e.now()}
		if err := e.recordForDesk(tx, entry); err != nil {
			return nil, err
		}
	}
	tx.AfterCommit(func() {
		for _, cid := range deleted {
			e.hub.end(cid)
		}
	})
	return deleted, nil
}

func (e *Engine) completeAvatars(list []chat.Channel) {
	for i := range list {
		list[i].Avatar = e.avatarURL(list[i].Avatar)
	}
}

func noChannel(field string) error { return chat.NoChannel(field) }
