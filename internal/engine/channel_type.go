package engine

import (
	"context"
	_ "embed" // the permissions that roles have at first
	"maps"
	"slices"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// ChannelTypes returns the settings of all channel types, by name.
func (e *Engine) ChannelTypes(ctx context.Context) (map[chat.ChannelType]chat.TypeSettings, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return nil, err
	}
	return s.types, nil
}

// KnowsType implements chat.Provider.
func (e *Engine) KnowsType(ctx context.Context, t chat.ChannelType) (bool, error) {
	if t.Known() {
		return true, nil
	}
	s, err := e.settings(ctx)
	if err != nil {
		return false, err
	}
	_, found := s.types[t]
	return found, nil
}

// ChannelType returns the settings of one channel type; NotFound. They are shared:
// callers must not change them.
func (e *Engine) ChannelType(ctx context.Context, t chat.ChannelType) (chat.TypeSettings, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	settings, found := s.types[t]
	if !found {
		return settings, noType(t)
	}
	return settings, nil
}

// ChannelConfig returns the settings of a channel of that type which has some of its
// own. A type that is gone counts as one that nobody has changed.
func (e *Engine) ChannelConfig(ctx context.Context, t chat.ChannelType, overrides map[string]any) (chat.TypeSettings, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	return s.config(t, overrides), nil
}

func (s *settings) config(t chat.ChannelType, overrides map[string]any) chat.TypeSettings {
	own, found := s.types[t]
	if !found {
		own = defaultType(t)
	}
	// What can't be is refused where it is set; what could be once is passed over.
	if with, bad := own.With(overrides); bad == nil {
		return with
	}
	return own
}

// CreateChannelType adds a channel type. It begins as an unchanged one, with the
// permissions of a messaging channel, for change to work on. InvalidArguments:
// there is one of that name, or it can't be so.
func (e *Engine) CreateChannelType(ctx context.Context, t chat.ChannelType, change func(s *chat.TypeSettings) error) (made chat.TypeSettings, err error) {
	if bad := chat.CheckTypeName(t); bad != nil {
		return made, bad
	}
	if chat.ChannelType(strings.ToLower(string(t))).Known() {
		return made, chat.Invalid("name", "The channel type %q is built in.", t)
	}
	err = e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		if _, exists := s.types[t]; exists {
			return chat.Invalid("name", "There is a channel type %q already.", t)
		}
		if len(s.types) >= chat.MaxChannelTypes {
			return chat.Invalid("name", "There are %d channel types, which is the most.", chat.MaxChannelTypes)
		}
		made = defaultType(t)
		made.CreatedAt = e.now()
		return e.putType(tx, s, &made, change)
	})
	return made, err
}

// ChangeChannelType has change work on a channel type; NotFound, InvalidArguments.
// What it sets holds for the channels that there are, too.
func (e *Engine) ChangeChannelType(ctx context.Context, t chat.ChannelType, change func(s *chat.TypeSettings) error) (changed chat.TypeSettings, err error) {
	err = e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		var found bool
		if changed, found = s.types[t]; !found {
			return noType(t)
		}
		return e.putType(tx, s, &changed, change)
	})
	return changed, err
}

func (e *Engine) putType(tx *sqlstore.Tx, s *settings, t *chat.TypeSettings, change func(s *chat.TypeSettings) error) error {
	name := t.Name
	if err := change(t); err != nil {
		return err
	}
	t.Name, t.UpdatedAt = name, e.now()
	if bad := t.Check(); bad != nil {
		return bad
	}
	for _, list := range t.UsedBlocklists() {
		if _, known := s.blocklists[list]; !known {
			return chat.Invalid("blocklist", "There is no block list %q.", list)
		}
	}
	return tx.PutSetting(settingType, name, t, t.UpdatedAt)
}

// DeleteChannelType removes a channel type; NotFound. InvalidArguments: it is built
// in, or there are channels of it.
func (e *Engine) DeleteChannelType(ctx context.Context, t chat.ChannelType) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		if _, found := s.types[t]; !found {
			return noType(t)
		}
		if t.Known() {
			return chat.Invalid("name", "The channel type %q is built in.", t)
		}
		used, err := tx.TypeInUse(t)
		if err != nil {
			return err
		}
		if used {
			return chat.Invalid("name", "There are channels of the type %q: delete them first.", t)
		}
		return tx.DropSetting(settingType, string(t))
	})
}

func noType(t chat.ChannelType) error {
	return chat.Missing("type", "There is no channel type %q.", t)
}

//go:embed grants.txt
var grantsText string

// defaultGrants are the permissions by role of each scope: a built-in channel type,
// or ".app" for those beyond channels.
var defaultGrants = readGrants(grantsText)

func readGrants(text string) map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if all[words[0]] == nil {
			all[words[0]] = map[string][]string{}
		}
		all[words[0]][words[1]] = words[2:]
	}
	return all
}

// DefaultGrants are the permissions by role that a channel type has before anybody
// changed them.
func DefaultGrants(t chat.ChannelType) map[string][]string {
	if !t.Known() {
		t = chat.Messaging
	}
	return maps.Clone(defaultGrants[string(t)])
}

func defaultType(t chat.ChannelType) chat.TypeSettings {
	s := chat.DefaultSettings(t)
	s.Grants = DefaultGrants(t)
	s.CreatedAt, s.UpdatedAt = sinceEver, sinceEver
	if t.Known() {
		s.Commands = chat.BuiltInCommands()
	}
	return s
}

func builtInTypes() map[chat.ChannelType]chat.TypeSettings {
	types := map[chat.ChannelType]chat.TypeSettings{}
	for _, t := range chat.BuiltInTypes() {
		types[t] = defaultType(t)
	}
	return types
}

// Permissions are the names of all permissions that there are.
func Permissions() []string {
	seen := map[string]bool{}
	for _, roles := range defaultGrants {
		for _, list := range roles {
			for _, p := range list {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// checkConfig says that a channel's type isn't there, or that it can't have the
// settings that it wants otherwise.
func (s *settings) checkConfig(c chat.Channel) error {
	settings, found := s.types[c.CID.Type]
	if !found {
		return noType(c.CID.Type)
	}
	if _, bad := settings.With(c.ConfigOverrides); bad != nil {
		return bad
	}
	return nil
}

// config gives the settings of a channel in the transaction that acts on them.
func (e *Engine) config(tx *sqlstore.Tx, cid chat.CID) (chat.TypeSettings, error) {
	extra, _, err := tx.ChannelExtra(cid)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	s, err := e.settingsIn(tx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	return s.config(cid.Type, extra.ConfigOverrides), nil
}

// MayUpload says why nobody can upload to a channel, or nil: NotFound;
// InvalidArguments: its settings have uploads switched off.
func (e *Engine) MayUpload(ctx context.Context, cid chat.CID) error {
	c, err := e.ChannelFor(ctx, cid, "")
	if err != nil {
		return err
	}
	settings, err := e.ChannelConfig(ctx, cid.Type, c.ConfigOverrides)
	if err != nil {
		return err
	}
	if bad := settings.CheckMessage(chat.Content{Files: true}); bad != nil {
		return bad
	}
	return nil
}

// checkMessage says why a channel's settings don't allow a message, or nil.
func (e *Engine) checkMessage(tx *sqlstore.Tx, cid chat.CID, m chat.Content) error {
	settings, err := e.config(tx, cid)
	if err != nil {
		return err
	}
	if bad := settings.CheckMessage(m); bad != nil {
		return bad
	}
	s, err := e.settingsIn(tx)
	if err != nil {
		return err
	}
	return s.checkWords(settings, m.Text)
}

// checkReaction says why a channel's settings don't allow reactions, or nil.
func (e *Engine) checkReaction(tx *sqlstore.Tx, cid chat.CID) error {
	settings, err := e.config(tx, cid)
	if err != nil {
		return err
	}
	if bad := settings.CheckReaction(); bad != nil {
		return bad
	}
	return nil
}
