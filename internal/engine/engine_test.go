package engine_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/engine"
	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/setup"
)

// open starts an engine on a database for the length of a test.
func open(t testing.TB, where sqlstore.Options) *engine.Engine {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{
		Store:         store,
		AvatarBaseURL: "https://media.example",
		Logger:        slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		e.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func inFolder(t testing.TB) sqlstore.Options {
	return sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}
}

func TestProviderOnSQLite(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chat.Provider { return withOwnType(t, open(t, inFolder(t))) })
}

func TestProviderOnPostgreSQL(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chat.Provider {
		return withOwnType(t, open(t, sqlstore.Options{URL: pgtest.Open(t)}))
	})
}

func withOwnType(t *testing.T, e *engine.Engine) *engine.Engine {
	t.Helper()
	if _, err := setup.New(e).CreateChannelType(t.Context(), chattest.OwnType, func(*chat.TypeSettings) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return e
}
