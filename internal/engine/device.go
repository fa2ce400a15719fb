package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Devices returns a user's devices, the newest first.
func (e *Engine) Devices(ctx context.Context, user string) ([]chat.Device, error) {
	return e.store.Devices(ctx, user)
}

// PutDevice keeps where a user is to be told of news. The oldest make room.
func (e *Engine) PutDevice(ctx context.Context, d chat.Device) error {
	if bad := d.Check(); bad != nil {
		return bad
	}
	d.CreatedAt = e.now()
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.PutDevice(d, chat.MaxDevices) })
}

// DropDevice removes a device; NotFound.
func (e *Engine) DropDevice(ctx context.Context, user, id string) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		dropped, err := tx.DropDevice(user, id)
		if err == nil && !dropped {
			err = chat.Missing("id", "There is no such device.")
		}
		return err
	})
}
