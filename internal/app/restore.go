package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/ledger"
	"backchannel/internal/sqlstore"
)

type restoreCommand struct {
	storageFlags `embed:""`

	File string `arg:"" optional:"" help:"Backup to restore. Without it, only the logs begin anew, for a database that another tool has restored."`
}

// Help extends the command's description.
func (restoreCommand) Help() string {
	return `Stop all servers first. A database that is there is never overwritten: move it away.

Clients have seen what the backup doesn't have. So all logs begin anew: whoever resumes is told to query again
(REFETCH). After another tool has restored the database, PostgreSQL's or Litestream, run restore without FILE.`
}

// Run restores a backup, or restarts the logs of a restored database.
func (c restoreCommand) Run(ctx context.Context, s streams) error {
	if c.File == "" {
		return c.beginLogs(ctx, s.out)
	}
	if c.DatabaseURL != "" {
		return errors.New("this restores SQLite. Restore PostgreSQL by pg_restore or to a point in time, as docs/deploy.md has it, " +
			"and then run backchannel restore without a file")
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder (--data, BACKCHANNEL_DATA): %w", err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if _, err := os.Lstat(c.sqlitePath() + suffix); err == nil {
			return fmt.Errorf("%s is there already, and a restore overwrites nothing: stop the server and move that file away", c.sqlitePath()+suffix)
		}
	}
	part := c.sqlitePath() + unfinished
	err := c.restore(ctx, s.out, part)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err = errors.Join(err, removeIfThere(part+suffix))
	}
	return err
}

func (c restoreCommand) restore(ctx context.Context, out io.Writer, part string) error {
	if err := checkBackup(ctx, out, c.File); err != nil {
		return fmt.Errorf("%s can't be restored: %w. Nothing was restored; use another backup, or see docs/deploy.md on damaged ones", c.File, err)
	}
	if err := copyFile(c.File, part); err != nil {
		return fmt.Errorf("copying the backup: %w", err)
	}
	if err := beginLogs(ctx, sqlstore.Options{Path: part}); err != nil {
		return err
	}
	if info, err := os.Stat(part + "-wal"); err == nil && info.Size() > 0 {
		return errors.New("another process has opened the unfinished file " + part)
	}
	if err := rename(part, c.sqlitePath()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "Restored %s to %s; its logs begin anew.\nCopy the uploaded files back, and see with backchannel verify what is missing.\n",
		c.File, c.sqlitePath())
	return err
}

// beginLogs is for a database that was restored by other means.
func (c restoreCommand) beginLogs(ctx context.Context, out io.Writer) error {
	o := sqlstore.Options{Path: c.sqlitePath(), URL: c.DatabaseURL}
	look, err := sqlstore.Inspect(ctx, o) // a wrong path must not create an empty database
	if err == nil {
		err = errors.Join(look.Close(), beginLogs(ctx, o))
	}
	if err != nil {
		return fmt.Errorf("opening the database (%s): %w", c.source(), err)
	}
	_, err = fmt.Fprintf(out, "All logs begin anew (%s).\n", c.source())
	return err
}

func beginLogs(ctx context.Context, o sqlstore.Options) error {
	store, err := sqlstore.Open(ctx, o)
	if err != nil {
		return err
	}
	recording, done, err := ledger.New(store, slog.New(slog.DiscardHandler), time.Now).Recording(ctx,
		chat.Operation{Name: "restore", Source: chat.Source{Via: chat.ByCommand}})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	err = store.Write(recording, func(tx *sqlstore.Tx) error {
		tx.Note(chat.ChangeTarget{Kind: chat.DatabaseTarget})
		return tx.BeginLogs(time.Now())
	})
	done()
	return errors.Join(err, store.Close())
}

// checkBackup compares a backup with its checksum and checks that it is an intact database. If
// there is no checksum, it says to out that not all damage can be noticed.
func checkBackup(ctx context.Context, out io.Writer, file string) error {
	text, err := os.ReadFile(file + checksumOf)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err == nil {
		want, _, _ := strings.Cut(string(text), " ")
		got, _, err := checksum(file)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("its checksum is not the one in %s", file+checksumOf)
		}
	}
	if err := sqlstore.CheckFile(ctx, file); err != nil || text != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "There is no %s: a wrong byte within a text is not noticed.\n", file+checksumOf)
	return err
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}
