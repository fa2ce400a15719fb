package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"

	"backchannel/internal/chat"
)

// commitWait is the time limit for an answer to COMMIT and to the writes sent with it. After that
// PostgreSQL is asked on another connection, which also helps if only this one's network path is
// broken.
const commitWait = 5 * time.Second

// commit ends the transaction. Its error is errAborted if the answer was lost and the database
// didn't execute the COMMIT. It satisfies isUnknown if that could not be determined.
func (w *writer) commit(ctx context.Context, tx *Tx) error {
	err := w.session.commit(ctx)
	if err == nil {
		return nil
	}
	if !w.dialect.lost(err) {
		if !refused(err) || readOnly(err) || w.exec(ctx, "ROLLBACK") != nil {
			w.disconnect()
		}
		return fmt.Errorf("committing: %w", err)
	}
	w.disconnect()
	if tx.id == "" {
		return chat.Undecided(fmt.Errorf("committing: %w", err))
	}
	outcome := w.settle(tx, fmt.Errorf("the answer to COMMIT was lost: %w", err))
	w.health.settled(err, outcome)
	return outcome
}

// settle determines whether a transaction on PostgreSQL whose COMMIT was sent was committed.
func (w *writer) settle(tx *Tx, lost error) error {
	ctx, cancel := w.dialect.bounded()
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		switch status, err := w.statusOf(ctx, tx); {
		case err != nil:
			w.disconnect()
			lost = errors.Join(lost, err)
			w.health.note(lost)
		case status == committed:
			return nil
		case status == aborted:
			return fmt.Errorf("%w: %w", errAborted, lost)
		case status == unprovable:
			return chat.Undecided(lost)
		}
		select {
		case <-ctx.Done():
			return chat.Undecided(lost)
		case <-time.After(pause):
		}
	}
}

// status is the outcome of a transaction.
type status int

const (
	pending status = iota
	committed
	aborted
	unprovable
)

// A server in recovery may still replay the commit.
const statusText = `SELECT CASE WHEN pg_is_in_recovery() THEN 'in progress' ELSE pg_xact_status($1::text::xid8) END`

// endText ends the session of a transaction that waits for a disconnected client.
const endText = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE backend_xid = $1::text::xid8::xid AND state LIKE 'idle in transaction%'`

func (w *writer) statusOf(ctx context.Context, tx *Tx) (status, error) {
	ctx, cancel := context.WithTimeout(ctx, commitWait)
	defer cancel()
	if err := w.connect(ctx); err != nil {
		return pending, err
	}
	var said sql.NullString
	if err := w.conn.QueryRowContext(ctx, statusText, tx.id).Scan(&said); err != nil {
		if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "22023" {
			return aborted, nil // "in the future": after a crash, the id is unused again
		}
		return pending, err
	}
	switch said.String {
	case "aborted":
		return aborted, nil
	case "committed":
		return w.prove(ctx, tx)
	case "in progress":
		_, err := w.conn.ExecContext(ctx, endText, tx.id)
		return pending, err
	}
	return unprovable, nil // too old
}

// prove determines whether a committed transaction with that id is ours. After a crash PostgreSQL
// may reuse an id that never reached the disk, so a row must prove it.
func (w *writer) prove(ctx context.Context, tx *Tx) (status, error) {
	if w.era == tx.era && w.era != "" {
		return committed, nil
	}
	if tx.proof == nil {
		return unprovable, nil
	}
	found := false
	err := w.conn.QueryRowContext(ctx, "SELECT EXISTS ("+tx.proof.text+")", tx.proof.args...).Scan(&found)
	if found {
		return committed, err
	}
	return unprovable, err
}

// postgresEra identifies the period in which the server uses each transaction id once. The period
// ends with a crash, which resets the server's statistics, and with a failover, which starts
// another timeline. It returns "" if that can't be determined.
func postgresEra(ctx context.Context, conn *sql.Conn) (era string) {
	_ = conn.QueryRowContext(ctx, `SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE
		extract(epoch FROM stats_reset)::text || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
		FROM pg_stat_wal`).Scan(&era)
	return era
}

var errRolledBack = errors.New("a statement had failed, and COMMIT rolled back")

// lostByPostgres reports whether an error of COMMIT isn't a failure reported by the server. A
// server that is shutting down may have executed the COMMIT.
func lostByPostgres(err error) bool {
	return !errors.Is(err, errRolledBack) && !refused(err)
}

// refused reports whether PostgreSQL refused a statement, so that it executed neither it nor the
// following ones.
func refused(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.SeverityUnlocalized == "ERROR"
}

// lostBySQLite reports whether an error of COMMIT occurred after everything was written. Then only
// syncing failed, and the transaction may reappear after a crash.
func lostBySQLite(err error) bool {
	code := sqliteCode(err)
	return code == sqlite.ResultIOErrFsync || code == sqlite.ResultIOErrDirFsync
}
