package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Setting is one setting, such as a channel type.
type Setting struct {
	Kind      string
	Name      string
	Body      string // JSON
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Read decodes the setting's body.
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

// SettingsVersion returns a number that increases with every change to the settings.
func (s *Store) SettingsVersion(ctx context.Context) (int64, error) {
	rows, err := s.Query(ctx, settingsVersionText)
	version, _, err := First(rows, err, ScanValue[int64])
	return version, err
}

// Settings returns all settings, by kind and name.
func (s *Store) Settings(ctx context.Context) ([]Setting, error) {
	rows, err := s.Query(ctx, settingsText)
	return Collect(rows, err, scanSetting)
}

// Settings returns all settings as the transaction sees them, and their version.
func (tx *Tx) Settings() (version int64, list []Setting, err error) {
	if version, _, err = TxFirst(tx, ScanValue[int64], settingsVersionText); err != nil {
		return 0, nil, err
	}
	list, err = TxCollect(tx, scanSetting, settingsText)
	return version, list, err
}

func scanSetting(rows Row) (s Setting, err error) {
	var created, updated int64
	err = rows.Scan(&s.Kind, &s.Name, &s.Body, &created, &updated)
	s.CreatedAt, s.UpdatedAt = Moment(created), Moment(updated)
	return s, err
}
