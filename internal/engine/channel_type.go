package engine

import (
	"context"
	_ "embed" // the default permissions of roles
	"maps"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// KnowsType implements chat.Provider.
func (e *Engine) KnowsType(ctx context.Context, t chat.ChannelType) (bool, error) {
	if t.Known() {
		return true, nil
	}
	s, err := e.Settings(ctx)
	if err != nil {
		return false, err
	}
	_, found := s.Types[t]
	return found, nil
}

// Config returns the effective settings of a channel of that type with these overrides. A type that
// was deleted counts as a built-in one that nobody has changed.
func (s *Settings) Config(t chat.ChannelType, overrides map[string]any) chat.TypeSettings {
	own, found := s.Types[t]
	if !found {
		own = DefaultType(t)
	}
	// Invalid overrides are refused when they are set. Overrides that were valid once are ignored.
	if with, bad := own.With(overrides); bad == nil {
		return with
	}
	return own
}

// NoType returns the error for a channel type that doesn't exist.
func NoType(t chat.ChannelType) error {
	return chat.Missing("type", "There is no channel type %q.", t)
}

//go:embed grants.txt
var grantsText string

// BuiltInGrants are the permissions by role of each scope: a built-in channel type, or ".app" for
// those beyond channels.
var BuiltInGrants = readGrants(grantsText)

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

// DefaultGrants returns the permissions by role of a channel type that nobody has changed.
func DefaultGrants(t chat.ChannelType) map[string][]string {
	if !t.Known() {
		t = chat.Messaging
	}
	return maps.Clone(BuiltInGrants[string(t)])
}

// DefaultType returns a channel type that nobody has changed.
func DefaultType(t chat.ChannelType) chat.TypeSettings {
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
		types[t] = DefaultType(t)
	}
	return types
}

// checkConfig returns an error if a channel's type doesn't exist, or if the channel can't override
// these settings.
func (s *Settings) checkConfig(c chat.Channel) error {
	settings, found := s.Types[c.CID.Type]
	if !found {
		return NoType(c.CID.Type)
	}
	if _, bad := settings.With(c.ConfigOverrides); bad != nil {
		return bad
	}
	return nil
}

// config returns the settings of a channel within a transaction.
func (e *Effects) config(tx *sqlstore.Tx, cid chat.CID) (chat.TypeSettings, error) {
	extra, _, err := tx.ChannelExtra(cid)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	s, err := e.SettingsIn(tx)
	if err != nil {
		return chat.TypeSettings{}, err
	}
	return s.Config(cid.Type, extra.ConfigOverrides), nil
}

// checkMessage returns an error if a channel's settings refuse a message.
func (e *Effects) checkMessage(tx *sqlstore.Tx, cid chat.CID, m chat.Content) error {
	settings, err := e.config(tx, cid)
	if err != nil {
		return err
	}
	s, err := e.SettingsIn(tx)
	if err != nil {
		return err
	}
	if bad := s.checkMessage(settings, m); bad != nil {
		return bad
	}
	return nil
}

// checkMessage returns an error if channels with these settings refuse a message.
func (s *Settings) checkMessage(t chat.TypeSettings, m chat.Content) *chat.Error {
	if bad := t.CheckMessage(m); bad != nil {
		return bad
	}
	return s.checkWords(t, m.Text)
}

// WouldRefuse implements chat.Provider.
func (e *Engine) WouldRefuse(ctx context.Context, m chat.MessageBody, channels []chat.Channel) ([]*chat.Error, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	content := chat.Content{Text: m.Text, Files: len(m.Attachments) > 0}
	byType := map[chat.ChannelType]*chat.Error{} // of channels without settings of their own
	refusals := make([]*chat.Error, len(channels))
	for i, c := range channels {
		if len(c.ConfigOverrides) > 0 {
			refusals[i] = s.checkMessage(s.Config(c.CID.Type, c.ConfigOverrides), content)
			continue
		}
		refusal, known := byType[c.CID.Type]
		if !known {
			refusal = s.checkMessage(s.Config(c.CID.Type, nil), content)
			byType[c.CID.Type] = refusal
		}
		refusals[i] = refusal
	}
	return refusals, nil
}

// checkReaction returns an error if a channel's settings refuse reactions.
func (e *Effects) checkReaction(tx *sqlstore.Tx, cid chat.CID) error {
	settings, err := e.config(tx, cid)
	if err != nil {
		return err
	}
	if bad := settings.CheckReaction(); bad != nil {
		return bad
	}
	return nil
}
