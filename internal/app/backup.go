package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
)

type backupCommand struct {
	storageFlags `embed:""`

	File string `arg:"" help:"File to make. FILE.sha256 and FILE.media are made with it."`
}

// Help extends the command's description.
func (backupCommand) Help() string {
	return `It may run beside servers that write. FILE has the database, FILE.sha256 its checksum, and FILE.media the
names of the uploaded files, one a line, which are to be copied too:

  backchannel backup /backup/chat.db --data /var/lib/backchannel
  rsync -a --files-from=/backup/chat.db.media /var/lib/backchannel/media/ /backup/media/`
}

// Files beside a backup.
const (
	checksumOf = ".sha256"
	mediaOf    = ".media"
	unfinished = ".part"
)

// Run backs up the SQLite database.
func (c backupCommand) Run(ctx context.Context, s streams) error {
	if c.DatabaseURL != "" {
		return errors.New("this backs SQLite up. PostgreSQL has its own ways: pg_dump for a copy, an archive of its log for " +
			"a point in time; docs/deploy.md has both recipes")
	}
	for _, file := range []string{c.File, c.File + checksumOf, c.File + mediaOf} {
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("%s is there already, and a backup overwrites nothing", file)
		}
	}
	part := c.File + unfinished
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a backup that was killed
		return err
	}
	if err := sqlstore.Backup(ctx, c.sqlitePath(), part); err != nil {
		return fmt.Errorf("backing up (%s): %w", c.source(), err)
	}
	err := c.finish(ctx, s.out, part)
	return errors.Join(err, removeIfThere(part))
}

// finish writes the files beside the backup, and then renames the backup.
func (c backupCommand) finish(ctx context.Context, out io.Writer, part string) error {
	files, size, err := listMedia(ctx, part, c.File+mediaOf)
	if err != nil {
		return fmt.Errorf("listing the uploaded files: %w", err)
	}
	sum, length, err := checksum(part)
	if err != nil {
		return err
	}
	if err := writeNew(c.File+checksumOf, fmt.Sprintf("%s  %s\n", sum, filepath.Base(c.File))); err != nil {
		return err
	}
	if err := rename(part, c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Backed up %d bytes to %s.\nUploaded files to copy too: %d with %d bytes, listed in %s.\n",
		length, c.File, files, size, c.File+mediaOf)
	return err
}

// listMedia writes the names of the files of a backup's uploads.
func listMedia(ctx context.Context, backup, list string) (files int, size int64, err error) {
	store, err := sqlstore.Inspect(ctx, sqlstore.Options{Path: backup})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	file, err := os.OpenFile(list, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, 0, err
	}
	w := bufio.NewWriter(file)
	err = media.Files(ctx, store, func(name string, bytes int64) {
		files, size = files+1, size+bytes
		_, _ = w.WriteString(name + "\n") // Flush returns the error
	})
	return files, size, errors.Join(err, w.Flush(), file.Sync(), file.Close())
}

func checksum(path string) (sum string, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), size, errors.Join(err, file.Close())
}

func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// rename renames a file so that it survives a power failure.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	_ = folder.Sync() // some systems can't sync folders
	return folder.Close()
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
