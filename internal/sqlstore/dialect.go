package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/exaring/otelpgx"     // OpenTelemetry spans of statements; Apache-2.0
	"github.com/jackc/pgx/v5"        // PostgreSQL: the best maintained driver, MIT
	"github.com/jackc/pgx/v5/stdlib" // as a database/sql driver
)

// dialect has the differences between the two databases.
type dialect struct {
	name      string
	driver    string
	begin     string            // opens a writing transaction
	hold      string            // appended to a SELECT to lock its rows against other servers; "" if begin locks
	lock      []string          // give a migration the database for itself and all the time it needs; none if begin does
	ddl       *strings.Replacer // adapts the migrations' SQL to the database
	writeWait time.Duration     // time limit of a batch; 0 if only the disk can be slow
	hasTable  string            // query whether a table exists
	describe  string            // see describeOnSQLite
	clock     string            // the database's time, in microseconds since 1970

	lost func(err error) bool // whether an error of a session's commit leaves the outcome open
}

var onSQLite = dialect{
	name:   "SQLite",
	driver: "sqlite",
	begin:  "BEGIN IMMEDIATE",
	lost:   lostBySQLite,
	clock:  "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",

	hasTable: `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)`,
	describe: describeOnSQLite,

	// With this spelling the key is the row id itself and needs no index of its own.
	ddl: strings.NewReplacer("BIGINT NOT NULL PRIMARY KEY", "INTEGER PRIMARY KEY"),
}

var onPostgres = dialect{
	name:   "PostgreSQL",
	driver: "pgx",
	begin:  "BEGIN",
	hold:   " FOR UPDATE",
	lock: []string{
		`SELECT set_config('idle_in_transaction_session_timeout', '0', true)`,
		`SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('server_version_num')::int >= 170000`,
		`SELECT pg_advisory_xact_lock(4806249718)`,
	},
	// Bytewise order as in SQLite, regardless of the cluster's locale.
	ddl:       strings.NewReplacer(" TEXT", ` TEXT COLLATE "C"`),
	writeWait: 30 * time.Second,
	lost:      lostByPostgres,
	clock:     "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
	hasTable:  `SELECT to_regclass($1) IS NOT NULL`,
	describe:  describeOnPostgres,
}

// maxIdle is the maximum number of idle reading connections to PostgreSQL.
const maxIdle = 4

// pools opens the connections of database/sql for writing and for reading. On SQLite they are only
// for rare tasks: writer and readers use the file directly.
func (o Options) pools() (d dialect, write, read *sql.DB, file sqliteFile, err error) {
	if o.URL != "" {
		config, err := pgx.ParseConfig(o.URL)
		if err != nil {
			return d, nil, nil, file, fmt.Errorf("reading the database URL: %w", err)
		}
		if o.Traced {
			config.Tracer = otelpgx.NewTracer() // with the statements' texts, which contain no values
		}
		write, read = openPostgresWriter(config), stdlib.OpenDB(*config, stdlib.OptionAfterConnect(uncompiled))
		write.SetMaxOpenConns(1)
		write.SetMaxIdleConns(-1) // the writer keeps its own; a dropped one can't be used again
		read.SetMaxOpenConns(4 * runtime.GOMAXPROCS(0))
		read.SetMaxIdleConns(maxIdle)
		return onPostgres, write, read, file, nil
	}
	file = fileAt(o.Path)
	if o.Bulk {
		file.pragmas = append(file.pragmas, "cache_size(-64000)")
	}
	if o.Memory {
		file = inMemory()
	}
	if write, err = sql.Open(onSQLite.driver, file.dsn(toWrite)); err != nil {
		return d, nil, nil, file, fmt.Errorf("opening %s: %w", o.Path, err)
	}
	if read, err = sql.Open(onSQLite.driver, file.dsn(toRead)); err != nil {
		return d, nil, nil, file, fmt.Errorf("opening %s: %w", o.Path, err)
	}
	if o.Memory {
		err = write.PingContext(context.Background()) // this connection stays open, which keeps a database in memory alive
	}
	read.SetMaxOpenConns(2)
	return onSQLite, write, read, file, err
}

// durable is for clusters configured to answer before a change is on disk, since callers rely on
// answers.
const durable = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

// impatient are the settings by which PostgreSQL disconnects a server that pauses within a
// transaction, so that others wait for it less than 2 s. Not all of them exist everywhere.
var impatient = []string{
	`SET idle_in_transaction_session_timeout = '1500ms'`,
	`SET tcp_user_timeout = '1500ms'`,
	`SELECT set_config('transaction_timeout', '30s', false) WHERE current_setting('server_version_num')::int >= 170000`,
}

// byKey is for statements that run for many rows at once, see manyOf. PostgreSQL keeps a plan as
// long as the table's statistics don't change, and a plan made for an empty table would read the
// whole table after it has grown. SQLite never uses such plans.
const byKey = `SELECT set_config(name, 'off', false) FROM unnest(ARRAY['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan', 'jit']) name`

// uncompiled keeps PostgreSQL from compiling queries. That takes up to seconds, and ours end early,
// so they are cheaper than it expects.
func uncompiled(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SET jit = off`)
	return err
}

// openPostgresWriter opens the connection that writes.
func openPostgresWriter(config *pgx.ConnConfig) *sql.DB {
	return stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		for _, text := range impatient {
			_, _ = conn.Exec(ctx, text)
		}
		for _, text := range []string{byKey, durable} {
			if _, err := conn.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}))
}

// bounded returns the context for a batch. For SQLite it never ends: a write that was started is
// finished, and the driver needs no watcher for it.
func (d dialect) bounded() (context.Context, context.CancelFunc) {
	if d.writeWait == 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), d.writeWait)
}
