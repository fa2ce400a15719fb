package store

import (
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// HoldSettings returns all settings and locks them against changes by other servers until this
// transaction ends.
func HoldSettings(tx *sqlstore.Tx) ([]sqlstore.Setting, error) {
	_, _, err := sqlstore.Returning(tx, sqlstore.ScanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'settings' RETURNING value`)
	if err != nil {
		return nil, err
	}
	_, list, err := tx.Settings()
	return list, err
}

// PutSetting stores a setting. An existing setting keeps its creation time.
func PutSetting(tx *sqlstore.Tx, kind, name string, body any, at time.Time) error {
	text, err := sqlstore.ToObject(body)
	if err != nil {
		return err
	}
	return sqlstore.Track(tx, aboutSetting(kind, name), func() error {
		_, err := tx.Change(`INSERT INTO settings (kind, name, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
			ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
			kind, name, text, sqlstore.Micros(at))
		return err
	})
}

func aboutSetting(kind, name string) chat.ChangeTarget {
	return chat.ChangeTarget{Kind: chat.SettingTarget, Item: kind + " " + name}
}

// DropSetting removes a setting.
func DropSetting(tx *sqlstore.Tx, kind, name string) error {
	return sqlstore.Track(tx, aboutSetting(kind, name), func() error {
		_, err := tx.Change(`DELETE FROM settings WHERE kind = $1 AND name = $2`, kind, name)
		return err
	})
}
