package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Row is what a scan function reads from.
type Row interface{ Scan(dest ...any) error }

// cursor goes through the rows of a query.
type cursor interface {
	Row
	Next() bool
	Err() error
}

// session runs the writer's statements on the database itself, each prepared once.
// database/sql's layer between would cost as much again as a small statement.
type session interface {
	exec(ctx context.Context, text string, args []any) (changed int64, err error)
	query(ctx context.Context, text string, args []any) (c cursor, end func(), err error)
	// put runs a statement whose outcome isn't needed before flush.
	put(ctx context.Context, text string, args []any) error
	flush(ctx context.Context) error
	once(ctx context.Context, text string) error // runs a statement that isn't kept prepared
	forget()                                     // what was put since
	// ask runs queries in one round trip.
	ask(ctx context.Context, list []reading) (map[readKey]any, error)
	close()
}

// newPostgresSession takes the driver's connection out of one that its caller keeps, for
// itself alone.
func newPostgresSession(conn *sql.Conn) (s *postgresSession, err error) {
	err = conn.Raw(func(c any) error {
		driver, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a driver of the type %T", c)
		}
		s = &postgresSession{conn: driver.Conn()}
		return nil
	})
	return s, err
}

type postgresSession struct {
	conn *pgx.Conn
	puts pgx.Batch // that wait for flush
}

func (s *postgresSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	tag, err := s.conn.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

func (s *postgresSession) query(ctx context.Context, text string, args []any) (cursor, func(), error) {
	if err := s.flush(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := s.conn.Query(ctx, text, args...) //nolint:sqlclosecheck // the caller closes it
	return rows, rows.Close, err
}

func (s *postgresSession) put(_ context.Context, text string, args []any) error {
	s.puts.Queue(text, args...)
	return nil
}

func (s *postgresSession) flush(ctx context.Context) error {
	if s.puts.Len() == 0 {
		return nil
	}
	puts := s.puts
	s.puts = pgx.Batch{}
	return s.conn.SendBatch(ctx, &puts).Close()
}

func (s *postgresSession) once(ctx context.Context, text string) error {
	_, err := s.conn.Exec(ctx, text)
	return err
}

func (s *postgresSession) forget() { s.puts = pgx.Batch{} }

func (s *postgresSession) ask(ctx context.Context, list []reading) (map[readKey]any, error) {
	var batch pgx.Batch
	found := make(map[readKey]any, len(list))
	for _, r := range list {
		batch.Queue(r.text, r.args...).Query(func(rows pgx.Rows) (err error) {
			found[r.key], err = r.scan(rows)
			return err
		})
	}
	return found, s.conn.SendBatch(ctx, &batch).Close()
}

func (s *postgresSession) close() {}
