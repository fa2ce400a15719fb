package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"

	"backchannel/internal/chat"
)

// errClosed is the error of a closed store.
var errClosed = errors.New("the store is closed")

// fail converts a database's error to the caller's: Unavailable if a retry can help, otherwise
// Internal.
func fail(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return e
	}
	if away(err) {
		return &chat.Error{Code: chat.Unavailable, Message: "The chat can't be reached right now. Try again.", Cause: err}
	}
	return &chat.Error{Code: chat.Internal, Message: "Something went wrong on our side.", Cause: err}
}

func isUnknown(err error) bool {
	e, ok := errors.AsType[*chat.Error](err)
	return ok && e.Outcome == chat.OutcomeUnknown
}

// away reports whether err means that the database can't be reached or can't be written now, rather
// than that our statement was wrong.
func away(err error) bool {
	switch sqliteCode(err).ToPrimary() {
	case sqlite.ResultOK: // it isn't SQLite's
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultFull, sqlite.ResultIOErr,
		sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultInterrupt, sqlite.ResultNoMem:
		return true
	default:
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Classes: connection, rollback, resources, operator intervention, system; 25006 is a
		// server that is read-only after a failover, 25P03 and 25P04 are transactions that it ended
		// because of a timeout.
		return hasAnyPrefix(e.Code, "08", "40", "53", "57", "58", "25006", "25P03", "25P04")
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, errClosed) ||
		errors.Is(err, errAborted) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF")
}

// busy reports whether another process holds the SQLite file's lock.
func busy(err error) bool { return sqliteCode(err).ToPrimary() == sqlite.ResultBusy }

// raced reports whether a transaction lost a race against one of another process, so that running
// it again shows it the other's result.
func raced(err error) bool {
	if sqliteCode(err).ToPrimary() == sqlite.ResultConstraint {
		return true
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && hasAnyPrefix(e.Code, "40001", "40P01", "23505")
}

// endedByServer reports whether PostgreSQL ended a transaction, or its connection, before COMMIT
// was sent, for instance because of a deadlock or because we paused. A repetition may succeed.
func endedByServer(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return hasAnyPrefix(e.Code, "40001", "40P01", "25P03", "25P04")
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return err != nil && away(err) && !isUnknown(err) && !refused && sqliteCode(err) == sqlite.ResultOK &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) && !errors.Is(err, errClosed)
}

// readOnly reports whether PostgreSQL accepts no writes on this connection, for instance since it
// became a standby. A new connection may lead to its successor.
func readOnly(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "25006"
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
