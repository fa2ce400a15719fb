package engine

import (
	"context"
	"sync"
	"time"

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// The kinds of settings in the database.
const (
	SettingType = "channel_type"
	SettingRole = "role"
)

// Settings are all settings at one version.
type Settings struct {
	version int64
	Types   map[chat.ChannelType]chat.TypeSettings
	Roles   map[string]chat.RoleInfo
	App     chat.App

	Blocklists map[string]chat.Blocklist
}

// settingsCache holds the settings, since every message needs them. Changes by this process take
// effect immediately, those by others within [watchEvery].
type settingsCache struct {
	mu   sync.Mutex
	kept *Settings // nil if they must be read
	age  int       // how often they were dropped
}

// ForgetSettings makes this and other servers read the settings again. It must be called after the
// commit that changed them.
func (e *Effects) ForgetSettings() {
	e.forgetSettings()
	e.bus.Signal(bus.Signal{Event: chat.Event{Type: settingsChanged}})
}

func (e *Effects) forgetSettings() {
	e.setup.mu.Lock()
	defer e.setup.mu.Unlock()
	e.setup.kept = nil
	e.setup.age++
}

// expectSettings drops the settings if they are older than a version.
func (e *Effects) expectSettings(version int64) {
	e.setup.mu.Lock()
	stale := e.setup.kept != nil && e.setup.kept.version < version
	e.setup.mu.Unlock()
	if stale {
		e.forgetSettings()
	}
}

// Settings returns the settings. They are shared: callers must not modify them.
func (e *Engine) Settings(ctx context.Context) (*Settings, error) {
	return e.setUp(func() (version int64, list []sqlstore.Setting, err error) {
		if version, err = e.Store.SettingsVersion(ctx); err == nil {
			list, err = e.Store.Settings(ctx)
		}
		return version, list, err
	})
}

// SettingsIn is like Settings, within a transaction. It reads through the transaction, since a
// database in memory allows no other reader during a write.
func (e *Effects) SettingsIn(tx *sqlstore.Tx) (*Settings, error) { return e.setUp(tx.Settings) }

// setUp returns the cached settings, or reads them. The version is read first, so that the settings
// are at least that new.
func (e *Effects) setUp(read func() (version int64, list []sqlstore.Setting, err error)) (*Settings, error) {
	e.setup.mu.Lock()
	kept, age := e.setup.kept, e.setup.age
	e.setup.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	version, list, err := read()
	if err != nil {
		return nil, err
	}
	if kept, err = ReadSettings(list); err != nil {
		return nil, err
	}
	kept.version = version
	e.setup.mu.Lock()
	defer e.setup.mu.Unlock()
	if e.setup.age == age {
		e.setup.kept = kept
	}
	return kept, nil
}

// watchSettings drops the cached settings if another process changed them.
func (e *Engine) watchSettings(ctx context.Context) error {
	version, err := e.Store.SettingsVersion(ctx)
	if err == nil {
		e.expectSettings(version)
	}
	return err
}

// ReadSettings converts the rows of the database to settings.
func ReadSettings(list []sqlstore.Setting) (*Settings, error) {
	s := &Settings{Types: builtInTypes(), Roles: builtInRoles(), App: defaultApp(), Blocklists: map[string]chat.Blocklist{}}
	for _, one := range list {
		var err error
		switch one.Kind {
		case SettingType:
			t := DefaultType(chat.ChannelType(one.Name))
			err = one.Read(&t)
			t.CreatedAt, t.UpdatedAt = one.CreatedAt, one.UpdatedAt
			s.Types[chat.ChannelType(one.Name)] = t
		case SettingRole:
			s.Roles[one.Name] = chat.RoleInfo{Name: one.Name, Custom: true, CreatedAt: one.CreatedAt, UpdatedAt: one.UpdatedAt}
		case SettingBlocklist:
			var b chat.Blocklist
			err = one.Read(&b)
			b.CreatedAt, b.UpdatedAt = one.CreatedAt, one.UpdatedAt
			s.Blocklists[one.Name] = b.Indexed()
		case SettingApp:
			s.App.Grants = nil // the stored grants replace all defaults
			err = one.Read(&s.App)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// sinceEver is the creation time of built-in things.
var sinceEver = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
