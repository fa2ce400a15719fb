package engine

import (
	"context"
	"maps"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// The settings of the app are one setting.
const (
	SettingApp = "app"  // its kind
	TheApp     = "app"  // its name
	AppScope   = ".app" // the scope of permissions beyond channels
)

// App returns the settings of the app. They are shared: callers must not modify them.
func (e *Engine) App(ctx context.Context) (chat.App, error) {
	s, err := e.Settings(ctx)
	if err != nil {
		return chat.App{}, err
	}
	return s.App, nil
}

func defaultApp() chat.App {
	a := chat.DefaultApp()
	a.Grants = maps.Clone(BuiltInGrants[AppScope])
	return a
}

// checkName returns an error if the app requires unique names and a user's name is taken. Names are
// compared without regard to case.
func (e *Effects) checkName(tx *sqlstore.Tx, u chat.User) error {
	s, err := e.SettingsIn(tx)
	if err != nil || u.Name == "" || s.App.UniqueNames == chat.UniqueNowhere {
		return err
	}
	teams, err := tx.TeamsOfName(u.Name, u.ID)
	if err != nil {
		return err
	}
	for _, others := range teams {
		if s.App.UniqueNames == chat.UniqueInApp || common(others, u.Teams) {
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
