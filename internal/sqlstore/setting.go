package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Setting is one thing that was set up, such as a channel type.
type Setting struct {
	Kind      string
	Name      string
	Body      string // JSON
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Read gives the setting's body.
func (s Setting) Read(into any) error {
	if err := json.Unmarshal([]byte(s.Body), into); err != nil {
		return fmt.Errorf("reading the setting %s %s: %w", s.Kind, s.Name, err)
	}
	return nil
}

const (
	settingsText        = `SELECT kind, name, body, created_at, updated_at FROM settings ORDER BY kind, name`
	settingsVersionText = `SELECT value FROM counters WHERE name = 'settings'`
)

// SettingsVersion is a number that goes up with every change to the settings.
func (s *Store) SettingsVersion(ctx context.Context) (int64, error) {
	rows, err := s.query(ctx, settingsVersionText)
	version, _, err := first(rows, err, scanValue[int64])
	return version, err
}

// Settings returns all settings, by kind and name.
func (s *Store) Settings(ctx context.Context) ([]Setting, error) {
	rows, err := s.query(ctx, settingsText)
	return collect(rows, err, scanSetting)
}

// Settings returns all settings as the transaction sees them, and their version.
func (tx *Tx) Settings() (version int64, list []Setting, err error) {
	if version, _, err = txFirst(tx, scanValue[int64], settingsVersionText); err != nil {
		return 0, nil, err
	}
	list, err = txCollect(tx, scanSetting, settingsText)
	return version, list, err
}

// HoldSettings returns all settings, and keeps other servers from changing them
// before this transaction ends.
func (tx *Tx) HoldSettings() ([]Setting, error) {
	_, _, err := returning(tx, scanValue[int64], `UPDATE counters SET value = value + 1 WHERE name = 'settings' RETURNING value`)
	if err != nil {
		return nil, err
	}
	return txCollect(tx, scanSetting, settingsText)
}

// PutSetting stores a setting, which keeps its time of creation where there is one
// already.
func (tx *Tx) PutSetting(kind, name string, body any, at time.Time) error {
	text, err := toObject(body)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO settings (kind, name, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
		kind, name, text, micros(at))
	return err
}

// DropSetting removes a setting.
func (tx *Tx) DropSetting(kind, name string) error {
	_, err := tx.change(`DELETE FROM settings WHERE kind = $1 AND name = $2`, kind, name)
	return err
}

func scanSetting(rows row) (s Setting, err error) {
	var created, updated int64
	err = rows.Scan(&s.Kind, &s.Name, &s.Body, &created, &updated)
	s.CreatedAt, s.UpdatedAt = moment(created), moment(updated)
	return s, err
}
