package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// query is a reading statement, and what becomes of its rows.
type query struct {
	text string
	args []any
	take func(rows cursor) error // may run again, on a clean slate
}

// together runs queries that don't need each other's answers: on PostgreSQL in one round trip.
func (s *Store) together(ctx context.Context, list ...query) error {
	if s.readers != nil {
		return s.inTurn(ctx, list)
	}
	for tries := 0; ; tries++ {
		err := s.atOnce(ctx, list)
		if err == nil || tries > maxIdle || ctx.Err() != nil || !away(err) {
			return fail(err)
		}
	}
}

func (s *Store) inTurn(ctx context.Context, list []query) error {
	for _, q := range list {
		rows, err := s.Query(ctx, q.text, q.args...)
		if err != nil {
			return fail(err)
		}
		if err := errors.Join(q.take(rows), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) atOnce(ctx context.Context, list []query) (err error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var batch pgx.Batch
	for _, q := range list {
		batch.Queue(q.text, q.args...).Query(func(rows pgx.Rows) error { return q.take(rows) })
	}
	return conn.Raw(func(c any) error {
		driver, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a driver of the type %T", c)
		}
		return driver.Conn().SendBatch(ctx, &batch).Close()
	})
}

// taking scans all rows into a list.
func taking[T any](list *[]T, scan func(Row) (T, error)) func(cursor) error {
	return func(rows cursor) (err error) {
		*list, err = scanUntil(rows, scan, func(T) bool { return false })
		return err
	}
}
