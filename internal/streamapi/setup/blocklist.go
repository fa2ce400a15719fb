package setup

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// Blocklists returns all block lists by name.
func (e *Engine) Blocklists(ctx context.Context) ([]chat.Blocklist, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return values(s.Blocklists, func(b chat.Blocklist) string { return b.Name }), nil
}

// Blocklist returns one block list; NotFound.
func (e *Engine) Blocklist(ctx context.Context, name string) (chat.Blocklist, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return chat.Blocklist{}, err
	}
	b, found := s.Blocklists[name]
	if !found {
		return b, noBlocklist(name)
	}
	return b, nil
}

// CreateBlocklist adds a block list. InvalidArguments: the name is taken.
func (e *Engine) CreateBlocklist(ctx context.Context, b chat.Blocklist) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, exists := s.Blocklists[b.Name]; exists {
			return chat.Invalid("name", "There is a block list %q already.", b.Name)
		}
		if len(s.Blocklists) >= chat.MaxBlocklists {
			return chat.Invalid("name", "There are %d block lists already: delete one first.", chat.MaxBlocklists)
		}
		return e.putBlocklist(tx, b)
	})
}

// ChangeBlocklist replaces the words of a block list; NotFound.
func (e *Engine) ChangeBlocklist(ctx context.Context, b chat.Blocklist) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, found := s.Blocklists[b.Name]; !found {
			return noBlocklist(b.Name)
		}
		return e.putBlocklist(tx, b)
	})
}

func (e *Engine) putBlocklist(tx *sqlstore.Tx, b chat.Blocklist) error {
	if bad := CheckBlocklist(b); bad != nil {
		return bad
	}
	return store.PutSetting(tx, engine.SettingBlocklist, b.Name, b, e.now())
}

// DeleteBlocklist removes a block list, also from the channel types that use it; NotFound.
func (e *Engine) DeleteBlocklist(ctx context.Context, name string) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		if _, found := s.Blocklists[name]; !found {
			return noBlocklist(name)
		}
		for _, t := range s.Types {
			if !slices.Contains(UsedBlocklists(t), name) {
				continue
			}
			if t.Blocklist == name {
				t.Blocklist, t.BlocklistBehavior = "", ""
			}
			t.Blocklists = slices.DeleteFunc(slices.Clone(t.Blocklists), func(use chat.BlocklistUse) bool { return use.Blocklist == name })
			if err := store.PutSetting(tx, engine.SettingType, t.Name, t, e.now()); err != nil {
				return err
			}
		}
		return store.DropSetting(tx, engine.SettingBlocklist, name)
	})
}

func noBlocklist(name string) error { return chat.Missing("name", "There is no block list %q.", name) }

// CheckBlocklist returns an error if a block list isn't valid.
func CheckBlocklist(b chat.Blocklist) *chat.Error {
	if !chat.MadeOf(b.Name, chat.MaxTypeNameLength, "_-") {
		return chat.Invalid("name", "The name of a block list is 1 to %d characters of A-Z a-z 0-9 _ -.", chat.MaxTypeNameLength)
	}
	if len(b.Words) == 0 || len(b.Words) > chat.MaxBlockedWords {
		return chat.Invalid("words", "A block list has 1 to %d words.", chat.MaxBlockedWords)
	}
	for _, w := range b.Words {
		if chat.LongerThan(w, chat.MaxBlockedLength) || chat.HasNUL(w) || len(chat.FoldedWords(w)) == 0 {
			return chat.Invalid("words", "The words of a block list have 1 to %d characters, some of them letters or digits.", chat.MaxBlockedLength)
		}
	}
	return nil
}

// UsedBlocklists returns the block lists that channels with these settings use.
func UsedBlocklists(s chat.TypeSettings) []string {
	return s.BlocklistsThat(func(string) bool { return true })
}
