package engine

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Commands returns all commands by name.
func (e *Engine) Commands(ctx context.Context) ([]chat.Command, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return nil, err
	}
	return values(s.commands, func(c chat.Command) string { return c.Name }), nil
}

// Command returns one command; NotFound.
func (e *Engine) Command(ctx context.Context, name string) (chat.Command, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return chat.Command{}, err
	}
	c, found := s.commands[name]
	if !found {
		return c, noCommand(name)
	}
	return c, nil
}

// CreateCommand adds a command. InvalidArguments: there is one of that name.
func (e *Engine) CreateCommand(ctx context.Context, c chat.Command) error {
	if bad := c.Check(); bad != nil {
		return bad
	}
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		if _, exists := s.commands[c.Name]; exists {
			return chat.Invalid("name", "There is a command %q already.", c.Name)
		}
		if len(s.commands) >= chat.MaxCommands {
			return chat.Invalid("name", "There are %d commands, which is the most.", chat.MaxCommands)
		}
		return tx.PutSetting(settingCommand, c.Name, c, e.now())
	})
}

// ChangeCommand has change work on a command of one's own; NotFound.
func (e *Engine) ChangeCommand(ctx context.Context, name string, change func(c *chat.Command)) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		c, err := ownCommand(s, name)
		if err != nil {
			return err
		}
		change(&c)
		if bad := c.Check(); bad != nil {
			return bad
		}
		return tx.PutSetting(settingCommand, name, c, e.now())
	})
}

// DeleteCommand removes a command of one's own; NotFound. InvalidArguments: a
// channel type has it.
func (e *Engine) DeleteCommand(ctx context.Context, name string) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		if _, err := ownCommand(s, name); err != nil {
			return err
		}
		for _, t := range s.types {
			if slices.Contains(t.Commands, name) {
				return chat.Invalid("name", "The channel type %q has the command %q: take it away there first.", t.Name, name)
			}
		}
		return tx.DropSetting(settingCommand, name)
	})
}

func ownCommand(s *settings, name string) (chat.Command, error) {
	c, found := s.commands[name]
	switch {
	case !found:
		return c, noCommand(name)
	case c.CreatedAt.IsZero():
		return c, chat.Invalid("name", "The command %q is built in.", name)
	}
	return c, nil
}

func noCommand(name string) error {
	return chat.Missing("name", "There is no command %q.", name)
}
