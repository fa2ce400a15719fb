package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// The numbered files are executed in order, each once. A released one must not be edited. This is
// our own code, since the migration libraries don't lock SQLite against a second server that
// starts.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate updates the tables, before the writer runs.
func (w *writer) migrate(ctx context.Context) error {
	if err := w.connectFirst(ctx); err != nil {
		return err
	}
	if err := w.session.once(ctx, w.dialect.begin); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	err := w.holdOthers(ctx)
	if err == nil {
		err = w.runMigrations(ctx)
	}
	if err != nil {
		_ = w.session.once(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	}
	return w.session.once(ctx, "COMMIT")
}

// holdOthers waits for other servers that are migrating, and makes others wait until the
// transaction ends. A session lock would outlast the transaction on a connection pooler. The
// timeouts for paused servers don't apply: a migration may take long.
func (w *writer) holdOthers(ctx context.Context) error {
	for _, text := range w.dialect.lock {
		if err := w.session.once(ctx, text); err != nil {
			return fmt.Errorf("waiting for other servers: %w", err)
		}
	}
	return nil
}

// connectFirst waits for another process that is creating the SQLite file, since the switch to WAL
// ignores the busy timeout.
func (w *writer) connectFirst(ctx context.Context) error {
	for tries := 0; ; tries++ {
		err := w.connect(ctx)
		if err == nil || tries == 100 || !busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (w *writer) runMigrations(ctx context.Context) error {
	if err := w.session.once(ctx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)"); err != nil {
		return err
	}
	rows, end, err := w.session.query(ctx, doneMigrations, nil)
	if err != nil {
		return err
	}
	missing, err := missingMigrations(rows)
	end()
	if err != nil {
		return err
	}
	for _, m := range missing {
		if err := w.apply(ctx, m); err != nil {
			return fmt.Errorf("applying %s: %w", m.name, err)
		}
	}
	return nil
}

// migration is one of the files and the number at the start of its name.
type migration struct {
	version int
	name    string
}

// knownMigrations lists the files in order. Each number but the first follows the one
// before, so that no file is skipped because a later one was applied already.
func knownMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	known := make([]migration, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("the migration %s has no number", name)
		}
		if i > 0 && version != known[i-1].version+1 {
			return nil, fmt.Errorf("the migration after %s must have the number %d, not %d", known[i-1].name, known[i-1].version+1, version)
		}
		known[i] = migration{version: version, name: name}
	}
	return known, nil
}

const doneMigrations = "SELECT version FROM migrations ORDER BY version"

// missingMigrations returns the migrations that a database lacks. rows is the result of
// doneMigrations. It fails if the database has migrations that this program doesn't know, or a
// later one without an earlier one.
func missingMigrations(rows cursor) ([]migration, error) {
	done, err := scanUntil(rows, ScanValue[int], func(int) bool { return false })
	if err != nil {
		return nil, err
	}
	known, err := knownMigrations(migrations)
	if err != nil {
		return nil, err
	}
	return missingAfter(done, known)
}

// missingAfter returns the known migrations that follow those done.
func missingAfter(done []int, known []migration) ([]migration, error) {
	if len(done) == 0 {
		return known, nil
	}
	oldest, newest, last := known[0].version, known[len(known)-1].version, done[len(done)-1]
	if done[0] < oldest {
		return nil, fmt.Errorf("a Backchannel from before the first release made this database: its tables have version %d, and this "+
			"program knows versions from %d. Start with a new database, or run the program that made this one", last, oldest)
	}
	if last > newest {
		return nil, fmt.Errorf("a newer Backchannel has used this database: its tables have version %d, and this program knows versions up to %d. "+
			"Run the newer program, or restore the backup from before the update", last, newest)
	}
	for i, version := range done {
		if version != known[i].version {
			return nil, fmt.Errorf("another build of Backchannel has used this database: its tables have version %d without %d. "+
				"Run that program, or restore a backup from before it", version, known[i].version)
		}
	}
	return known[len(done):], nil
}

// takes reports whether a statement is for the database: its comment may start with "Only on" and a
// name.
func (d dialect) takes(statement string) bool {
	only, limited := strings.CutPrefix(statement, "-- Only on ")
	return !limited || strings.HasPrefix(only, d.name)
}

// statements splits a migration. Within a function, the line after a semicolon is indented.
func statements(text string) (list []string) {
	for part := range strings.SplitSeq(text, ";\n") {
		if strings.HasPrefix(part, " ") {
			list[len(list)-1] += ";\n" + part
		} else if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (w *writer) apply(ctx context.Context, m migration) error {
	text, err := migrations.ReadFile(m.name)
	if err != nil {
		return err
	}
	for _, statement := range statements(string(text)) {
		if !w.dialect.takes(statement) {
			continue
		}
		if err := w.session.once(ctx, w.dialect.ddl.Replace(statement)); err != nil {
			return err
		}
	}
	return w.session.once(ctx, "INSERT INTO migrations (version) VALUES ("+strconv.Itoa(m.version)+")")
}
