package setup

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/store"
)

// ChangeApp applies change to the settings of the app. InvalidArguments.
func (e *Engine) ChangeApp(ctx context.Context, change func(a *chat.App) error) error {
	return e.set(ctx, func(tx *sqlstore.Tx, s *engine.Settings) error {
		a := s.App
		if err := change(&a); err != nil {
			return err
		}
		if bad := a.Check(); bad != nil {
			return bad
		}
		return store.PutSetting(tx, engine.SettingApp, engine.TheApp, a, e.now())
	})
}
