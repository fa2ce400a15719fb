package engine

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// The kinds of settings in the database.
const (
	settingType = "channel_type"
	settingRole = "role"
)

// settings are all that was set up, as it was at one version.
type settings struct {
	version int64
	types   map[chat.ChannelType]chat.TypeSettings
	roles   map[string]chat.RoleInfo
	app     chat.App

	blocklists map[string]chat.Blocklist
}

// settingsCache keeps the settings in memory, since every message asks for them.
// What this process changes holds at once; what another does, within [watchEvery].
type settingsCache struct {
	mu   sync.Mutex
	kept *settings // nil where they are to be read
	age  int       // how often they were forgotten
}

func (c *settingsCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = nil
	c.age++
}

func (e *Engine) settings(ctx context.Context) (*settings, error) {
	return e.setUp(func() (version int64, list []sqlstore.Setting, err error) {
		if version, err = e.store.SettingsVersion(ctx); err == nil {
			list, err = e.store.Settings(ctx)
		}
		return version, list, err
	})
}

// settingsIn is settings within a transaction. It reads through that, since a
// database in memory lets nobody else read while one writes.
func (e *Engine) settingsIn(tx *sqlstore.Tx) (*settings, error) { return e.setUp(tx.Settings) }

// setUp returns what is kept of the settings, or reads them. The version is read
// first, so that the settings are at least that new.
func (e *Engine) setUp(read func() (version int64, list []sqlstore.Setting, err error)) (*settings, error) {
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
	if kept, err = readSettings(list); err != nil {
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

// watchSettings forgets the settings where another process changed them.
func (e *Engine) watchSettings(ctx context.Context) error {
	version, err := e.store.SettingsVersion(ctx)
	if err != nil {
		return err
	}
	e.setup.mu.Lock()
	stale := e.setup.kept != nil && e.setup.kept.version != version
	e.setup.mu.Unlock()
	if stale {
		e.setup.forget()
	}
	return nil
}

// set changes settings. fn gets them as they are in the database, and changes none
// of them but through the transaction.
func (e *Engine) set(ctx context.Context, fn func(tx *sqlstore.Tx, s *settings) error) error {
	return e.store.Write(ctx, func(tx *sqlstore.Tx) error {
		list, err := tx.HoldSettings()
		if err != nil {
			return err
		}
		s, err := readSettings(list)
		if err != nil {
			return err
		}
		if err := fn(tx, s); err != nil {
			return err
		}
		tx.AfterCommit(e.setup.forget)
		return nil
	})
}

func readSettings(list []sqlstore.Setting) (*settings, error) {
	s := &settings{types: builtInTypes(), roles: builtInRoles(), app: defaultApp(), blocklists: map[string]chat.Blocklist{}}
	for _, one := range list {
		var err error
		switch one.Kind {
		case settingType:
			t := defaultType(chat.ChannelType(one.Name))
			err = one.Read(&t)
			t.CreatedAt, t.UpdatedAt = one.CreatedAt, one.UpdatedAt
			s.types[chat.ChannelType(one.Name)] = t
		case settingRole:
			s.roles[one.Name] = chat.RoleInfo{Name: one.Name, Custom: true, CreatedAt: one.CreatedAt, UpdatedAt: one.UpdatedAt}
		case settingBlocklist:
			var b chat.Blocklist
			err = one.Read(&b)
			b.CreatedAt, b.UpdatedAt = one.CreatedAt, one.UpdatedAt
			s.blocklists[one.Name] = b.Indexed()
		case settingApp:
			s.app.Grants = nil // those kept are all
			err = one.Read(&s.app)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// sinceEver is when what is built in was made.
var sinceEver = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// values are a map's, by name.
func values[T any](m map[string]T, name func(T) string) []T {
	list := make([]T, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	return list
}
