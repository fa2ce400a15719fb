package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"backchannel/internal/chat"
)

// Backup writes a consistent copy of the SQLite database at path to a new file. Servers can write
// in the meantime.
func Backup(ctx context.Context, path, file string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already, and a backup overwrites nothing", file)
	}
	db, err := sql.Open(onSQLite.driver, existing(path).dsn(toWrite))
	if err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, `VACUUM INTO $1`, file); err != nil {
		return errors.Join(err, db.Close(), os.Remove(file))
	}
	return errors.Join(db.Close(), syncFile(file))
}

// CheckFile returns an error unless the file is an intact SQLite database of Backchannel.
func CheckFile(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	if lostLog(file) {
		return errLogLost
	}
	db, err := sql.Open(onSQLite.driver, existing(file).dsn(toRead))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var verdict string
	var ours bool
	if err := db.QueryRowContext(ctx, `SELECT integrity_check FROM pragma_integrity_check LIMIT 1`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("it is damaged: %s", verdict)
	}
	if err := db.QueryRowContext(ctx, onSQLite.hasTable, "migrations").Scan(&ours); err != nil || ours {
		return err
	}
	return ErrNotOurs
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// BeginLogs makes every log continue with numbers that it never used before, and with nothing
// before them. It is for a database that is older than what clients have seen: clients that resume
// are told to query again, and never get other events under numbers they know. The number is the
// time in microseconds, which counting never reaches.
func (tx *Tx) BeginLogs(at time.Time) error {
	newest, _, err := TxFirst(tx, ScanValue[int64], `SELECT MAX(seq) FROM (
		SELECT seq FROM channels UNION ALL SELECT seq FROM bin UNION ALL SELECT seq FROM ended_logs UNION ALL SELECT seq FROM hosted_logs
		UNION ALL SELECT value FROM counters WHERE name IN ('backoffice', 'changes', 'jobs', '`+logBase+`')) AS ends`)
	if err != nil {
		return err
	}
	base := max(Micros(at), newest+1)
	for _, text := range []string{
		`UPDATE channels SET seq = $1, log_floor = $1`,
		`UPDATE bin SET seq = $1, log_floor = $1`,
		`UPDATE hosted_logs SET seq = $1, log_floor = $1, begun = 0`,
		`UPDATE counters SET value = $1 WHERE name IN ('backoffice', 'backoffice_floor', 'changes', 'jobs')`,
		`DELETE FROM ended_logs WHERE seq < $1`, // new channels start at the base
		`INSERT INTO counters (name, value) VALUES ('` + logBase + `', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
	} {
		if _, err := tx.Change(text, base); err != nil {
			return err
		}
	}
	if err := tx.holdJobs(at); err != nil {
		return err
	}
	_, err = tx.Change(`DELETE FROM counters WHERE name = '` + identity + `'`) // the original may still be in use
	return err
}

// holdJobs leaves it to a person whether a job continues that was running, or begins if it was due: it
// may have done more than is stored here.
func (tx *Tx) holdJobs(at time.Time) error {
	if _, err := tx.Change(`UPDATE jobs SET state = 'PAUSED' WHERE state = 'RUNNING'`); err != nil {
		return err
	}
	type scheduled struct {
		id string
		chat.Schedule
	}
	list, err := TxCollect(tx, func(rows Row) (s scheduled, err error) {
		err = rows.Scan(&s.id, &s.Local, &s.Zone)
		return s, err
	}, `SELECT id, local_time, zone FROM jobs WHERE state = 'SCHEDULED'`)
	for _, s := range list {
		if err == nil && !s.Due().After(at) {
			_, err = tx.Change(`UPDATE jobs SET state = 'MISSED' WHERE id = $1`, s.id)
		}
	}
	return err
}

// logBase is the counter with the number at which the logs of new channels start. Records before it
// aren't sent to subscribers of the log of changes. It exists after a restore.
const logBase = "log_base"
