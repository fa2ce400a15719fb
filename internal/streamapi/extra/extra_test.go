package extra_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"backchannel/internal/engine"
	"backchannel/internal/sqlstore"
	"backchannel/internal/streamapi/extra"
)

// open starts an engine on a database for the length of a test.
func open(t testing.TB, where sqlstore.Options) *extra.Engine {
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
	return extra.New(e)
}

func inFolder(t testing.TB) sqlstore.Options {
	return sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}
}
