package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// The numbered files are run in order, each once. A released one is never edited. Our own
// forty lines, since the migration libraries don't lock SQLite against a second server that
// starts.
//
//go:embed migrations/*.sql
var migrations embed.FS

func (s *Store) migrate(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, s.dialect.begin); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	err = s.holdOthers(ctx, conn)
	if err == nil {
		err = s.runMigrations(ctx, conn)
	}
	if err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// holdOthers waits for other servers that migrate, and has them wait until the
// transaction ends. A lock of the session would outlast it on a connection pooler.
func (s *Store) holdOthers(ctx context.Context, conn *sql.Conn) error {
	if s.dialect.lock == "" {
		return nil
	}
	if _, err := conn.ExecContext(ctx, s.dialect.lock); err != nil {
		return fmt.Errorf("waiting for other servers: %w", err)
	}
	return nil
}

// connect waits for another process that is creating the SQLite file, since the switch to
// WAL ignores the busy timeout.
func (s *Store) connect(ctx context.Context) (*sql.Conn, error) {
	for tries := 0; ; tries++ {
		conn, err := s.write.Conn(ctx)
		if err == nil || tries == 100 || !busy(err) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Store) runMigrations(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)"); err != nil {
		return err
	}
	var done int
	if err := conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM migrations").Scan(&done); err != nil {
		return err
	}
	files, err := migrations.ReadDir("migrations") // sorted by name
	if err != nil {
		return err
	}
	newest, err := newestVersion()
	if err != nil {
		return err
	}
	if done > newest {
		return fmt.Errorf("a newer Backchannel has used this database: its tables have version %d, and this program knows versions up to %d. "+
			"Run the newer program, or restore the backup from before the update", done, newest)
	}
	for _, file := range files {
		version := versionOf(file)
		if version <= done {
			continue
		}
		text, err := migrations.ReadFile(path.Join("migrations", file.Name()))
		if err != nil {
			return err
		}
		if err := s.apply(ctx, conn, version, string(text)); err != nil {
			return fmt.Errorf("applying %s: %w", file.Name(), err)
		}
	}
	return nil
}

// versionOf is the number that a migration's name begins with.
func versionOf(file fs.DirEntry) int {
	version, _ := strconv.Atoi(strings.SplitN(file.Name(), "_", 2)[0]) // as a test sees to
	return version
}

func (s *Store) apply(ctx context.Context, conn *sql.Conn, version int, text string) error {
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.ExecContext(ctx, s.dialect.ddl.Replace(statement)); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "INSERT INTO migrations (version) VALUES ($1)", version)
	return err
}
