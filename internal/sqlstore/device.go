package sqlstore

import (
	"context"
	"database/sql"

	"backchannel/internal/chat"
)

// Devices returns a user's devices, the newest first.
func (s *Store) Devices(ctx context.Context, user string) ([]chat.Device, error) {
	rows, err := s.query(ctx, `SELECT id, user_id, body, created_at FROM devices WHERE user_id = $1 ORDER BY created_at DESC, id`, user)
	return collect(rows, err, scanDevice)
}

// PutDevice stores a device and keeps the newest of the user's only.
func (tx *Tx) PutDevice(d chat.Device, keep int) error {
	body, err := toObject(d)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO devices (id, user_id, body, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, id) DO UPDATE SET body = excluded.body, created_at = excluded.created_at`,
		d.ID, d.UserID, body, micros(d.CreatedAt))
	if err != nil {
		return err
	}
	_, err = tx.change(`DELETE FROM devices WHERE user_id = $1 AND id NOT IN
		(SELECT id FROM devices WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2)`, d.UserID, keep)
	return err
}

// DropDevice removes a device and reports whether there was one.
func (tx *Tx) DropDevice(user, id string) (bool, error) {
	n, err := tx.change(`DELETE FROM devices WHERE user_id = $1 AND id = $2`, user, id)
	return n > 0, err
}

func scanDevice(rows *sql.Rows) (d chat.Device, err error) {
	var body string
	var created int64
	if err = rows.Scan(&d.ID, &d.UserID, &body, &created); err != nil {
		return d, err
	}
	d.CreatedAt = moment(created)
	err = fromObject(body, &d)
	return d, err
}
