package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"backchannel/internal/sqlstore"
)

// open opens the configured database and creates the data folder. Commands have no telemetry: they
// report failures themselves.
func (f storageFlags) open(ctx context.Context, t telemetry) (*sqlstore.Store, error) {
	if f.DatabaseURL == "" {
		if err := os.MkdirAll(f.Data, 0o700); err != nil {
			return nil, fmt.Errorf("making the data folder (--data, BACKCHANNEL_DATA): %w", err)
		}
	}
	f.warnOfOthers(t.logger)
	store, err := sqlstore.Open(ctx, sqlstore.Options{Path: f.sqlitePath(), URL: f.DatabaseURL, ListenURL: f.listenURL, Bulk: f.bulk, Logger: t.logger, Metrics: t.metrics, Traced: t.tracer != nil})
	if err != nil {
		return nil, fmt.Errorf("opening the database (%s): %w", f.source(), err)
	}
	return store, nil
}

func (f storageFlags) sqlitePath() string { return filepath.Join(f.Data, "backchannel.db") }

// warnOfOthers warns if other users of the machine can access an existing folder. It doesn't change
// the folder, which belongs to the operator.
func (f storageFlags) warnOfOthers(logger *slog.Logger) {
	info, err := os.Stat(f.Data)
	if err == nil && logger != nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		logger.Warn("other users of this machine can enter the data folder; chmod 700 keeps them out",
			"folder", f.Data, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
}

// source names the setting that locates the database, never its value: a URL may contain a
// password.
func (f storageFlags) source() string {
	if f.DatabaseURL != "" {
		return "--database-url, BACKCHANNEL_DATABASE_URL"
	}
	return "in " + f.Data + "; --data, BACKCHANNEL_DATA"
}

type migrateCommand struct {
	storageFlags `embed:""`
}

// Run updates the tables.
func (c migrateCommand) Run(ctx context.Context, s streams) error {
	store, err := c.open(ctx, telemetry{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The database's tables are up to date (%s).\n", c.source())
	return errors.Join(err, store.Close())
}
