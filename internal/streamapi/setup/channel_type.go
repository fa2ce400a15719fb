package setup

import (
	"context"
	_ "embed" // the default permissions of roles
	"maps"
	"slices"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// ChannelTypes returns the settings of all channel types, by name.
func (e *Engine) ChannelTypes(ctx context.Context) (map[chat.ChannelType]chat.TypeSettings, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return s.Types, nil
}

// ChannelType returns the settings of one channel type; NotFound. The result is shared: callers
// must not modify it.
func (e *Engine) ChannelType(ctx context.Context, t chat.ChannelType) (chat.TypeSettings, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	settings, found := s.Types[t]
	if !found {
		return settings, engine.NoType(t)
	}
	return settings, nil
}

// CreateChannelType adds a channel type. Its settings are the defaults with the permissions of a
// messaging channel, after change. InvalidArguments: the name is taken, or the settings aren't
// valid.
func (e *Engine) CreateChannelType(ctx context.Context, t chat.ChannelType, change func(s *chat.TypeSettings) error) (made chat.TypeSettings, err error) {
	if bad := chat.CheckTypeName(t); bad != nil {
		return made, bad
	}
	if chat.ChannelType(strings.ToLower(string(t))).Known() {
		return made, chat.Invalid("name", "The channel type %q is built in.", t)
	}
	err = e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, exists := s.Types[t]; exists {
			return chat.Invalid("name", "There is a channel type %q already.", t)
		}
		if len(s.Types) >= chat.MaxChannelTypes {
			return chat.Invalid("name", "There are %d channel types already: delete one first.", chat.MaxChannelTypes)
		}
		made = engine.DefaultType(t)
		made.CreatedAt = e.now()
		return e.putType(tx, s, &made, change)
	})
	return made, err
}

// ChangeChannelType applies change to a channel type; NotFound, InvalidArguments. It affects
// existing channels too.
func (e *Engine) ChangeChannelType(ctx context.Context, t chat.ChannelType, change func(s *chat.TypeSettings) error) (changed chat.TypeSettings, err error) {
	err = e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		var found bool
		if changed, found = s.Types[t]; !found {
			return engine.NoType(t)
		}
		return e.putType(tx, s, &changed, change)
	})
	return changed, err
}

func (e *Engine) putType(tx *sqlstore.Tx, s *engine.Settings, t *chat.TypeSettings, change func(s *chat.TypeSettings) error) error {
	name := t.Name
	if err := change(t); err != nil {
		return err
	}
	t.Name, t.UpdatedAt = name, e.now()
	if bad := t.Check(); bad != nil {
		return bad
	}
	for _, list := range UsedBlocklists(*t) {
		if _, known := s.Blocklists[list]; !known {
			return chat.Invalid("blocklist", "There is no block list %q.", list)
		}
	}
	return store.PutSetting(tx, engine.SettingType, name, t, t.UpdatedAt)
}

// DeleteChannelType removes a channel type; NotFound. InvalidArguments: the type is built in, or
// channels have it.
func (e *Engine) DeleteChannelType(ctx context.Context, t chat.ChannelType) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, found := s.Types[t]; !found {
			return engine.NoType(t)
		}
		if t.Known() {
			return chat.Invalid("name", "The channel type %q is built in.", t)
		}
		used, err := store.TypeInUse(tx, t)
		if err != nil {
			return err
		}
		if used {
			return chat.Invalid("name", "There are channels of the type %q: delete them first.", t)
		}
		return store.DropSetting(tx, engine.SettingType, string(t))
	})
}

// Permissions returns the names of all permissions.
func Permissions() []string {
	seen := map[string]bool{}
	for _, roles := range engine.BuiltInGrants {
		for _, list := range roles {
			for _, p := range list {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
