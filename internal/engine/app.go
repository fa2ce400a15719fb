package engine

import (
	"context"
	"maps"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

const (
	settingApp = "app"
	theApp     = "app"  // the name of the one setting of that kind
	appScope   = ".app" // permissions beyond channels
)

// App returns the settings of the app. They are shared: callers must not change
// them.
func (e *Engine) App(ctx context.Context) (chat.App, error) {
	s, err := e.settings(ctx)
	if err != nil {
		return chat.App{}, err
	}
	return s.app, nil
}

// ChangeApp has change work on the settings of the app. InvalidArguments.
func (e *Engine) ChangeApp(ctx context.Context, change func(a *chat.App) error) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *settings) error {
		a := s.app
		if err := change(&a); err != nil {
			return err
		}
		if bad := a.Check(); bad != nil {
			return bad
		}
		return tx.PutSetting(settingApp, theApp, a, e.now())
	})
}

func defaultApp() chat.App {
	a := chat.DefaultApp()
	a.Grants = maps.Clone(defaultGrants[appScope])
	return a
}

// checkName says that a user's name is taken where the app has names unique. Names
// are compared without regard to case.
func (e *Engine) checkName(tx *sqlstore.Tx, u chat.User) error {
	s, err := e.settingsIn(tx)
	if err != nil || u.Name == "" || s.app.UniqueNames == chat.UniqueNowhere {
		return err
	}
	teams, err := tx.TeamsOfName(u.Name, u.ID)
	if err != nil {
		return err
	}
	for _, others := range teams {
		if s.app.UniqueNames == chat.UniqueInApp || common(others, u.Teams) {
			return &chat.Error{Code: chat.InvalidArguments, Reason: chat.NameTaken, Field: "name", Message: "There is another user of that name."}
		}
	}
	return nil
}

func common(a, b []string) bool {
	for _, one := range a {
		for _, other := range b {
			if one == other {
				return true
			}
		}
	}
	return false
}
