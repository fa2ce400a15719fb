package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
)

type verifyCommand struct {
	storageFlags `embed:""`

	Media string `placeholder:"FOLDER|URL" env:"BACKCHANNEL_MEDIA" help:"Where uploads are kept, as serve has it; off leaves them out (media in the data folder)."`
	File  string `arg:"" optional:"" help:"Backup to verify in place of the database; uploaded files are left out."`
}

// Help extends the command's description.
func (verifyCommand) Help() string {
	return `It reads the database itself, the logs of all channels, all counters, and the uploaded files, also beside servers
that write, and changes nothing. Each fault is a line; with one or more the exit code is 1.`
}

// Run verifies the database and the uploaded files.
func (c verifyCommand) Run(ctx context.Context, s streams) error {
	o, source := sqlstore.Options{Path: c.sqlitePath(), URL: c.DatabaseURL}, c.source()
	if c.File != "" {
		o, source = sqlstore.Options{Path: c.File}, c.File
		if err := checkBackup(ctx, s.out, c.File); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	}
	faults := 0
	report := func(fault string) {
		faults++
		_, _ = fmt.Fprintln(s.out, fault)
	}
	if err := c.verify(ctx, o, report); err != nil {
		return fmt.Errorf("verifying (%s): %w", source, err)
	}
	if faults > 0 {
		return fmt.Errorf("%d faults; the lines above name them", faults)
	}
	_, err := fmt.Fprintf(s.out, "No faults (%s).\n", source)
	return err
}

func (c verifyCommand) verify(ctx context.Context, o sqlstore.Options, report func(string)) (err error) {
	store, err := sqlstore.Inspect(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Verify(ctx, report); err != nil || c.File != "" {
		return err
	}
	switch place := strings.TrimPrefix(c.Media, "file://"); place {
	case noMedia:
		return nil
	case "":
		return media.Verify(ctx, store, filepath.Join(c.Data, "media"), report)
	default:
		return media.Verify(ctx, store, place, report)
	}
}
