package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// The statements that open and end a transaction, by the names under which they are prepared. So
// they can be sent together with others, and are easy to find in the network traffic.
const (
	beginNow  = "BEGIN now"
	commitNow = "COMMIT now"
)

// newPostgresSession takes the driver's connection out of conn, for its exclusive use. The caller
// keeps conn.
func newPostgresSession(ctx context.Context, conn *sql.Conn) (s *postgresSession, err error) {
	err = conn.Raw(func(c any) error {
		driver, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a driver of the type %T", c)
		}
		s = &postgresSession{conn: driver.Conn(), begins: "BEGIN", commits: "COMMIT", many: map[string]string{}}
		if s.conn.Config().DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
			return nil // the URL says that the server may not keep prepared statements
		}
		s.begins, s.commits = beginNow, commitNow
		if _, err := s.conn.Prepare(ctx, beginNow, "BEGIN"); err != nil {
			return err
		}
		_, err := s.conn.Prepare(ctx, commitNow, "COMMIT")
		return err
	})
	return s, err
}

// postgresSession sends statements together, in one round trip, if no answer is needed in between.
type postgresSession struct {
	conn            *pgx.Conn
	begins, commits string            // statements
	puts            []statement       // waiting to be sent
	many            map[string]string // see manyText
}

type statement struct {
	text string
	args []any
}

// waiting returns the waiting statements, combined into one for each text.
func (s *postgresSession) waiting() *pgx.Batch {
	var batch pgx.Batch
	for _, g := range s.grouped(s.puts) {
		batch.Queue(g.text, g.args...)
	}
	s.forget()
	return &batch
}

func (s *postgresSession) exec(ctx context.Context, text string, args []any) (int64, error) {
	if len(s.puts) == 0 {
		tag, err := s.conn.Exec(ctx, text, args...)
		return tag.RowsAffected(), err
	}
	var changed int64
	batch := s.waiting()
	batch.Queue(text, args...).Exec(func(tag pgconn.CommandTag) error {
		changed = tag.RowsAffected()
		return nil
	})
	return changed, s.conn.SendBatch(ctx, batch).Close()
}

func (s *postgresSession) query(ctx context.Context, text string, args []any) (cursor, func(), error) {
	if len(s.puts) == 0 {
		rows, err := s.conn.Query(ctx, text, args...) //nolint:sqlclosecheck // the caller closes it
		return rows, rows.Close, err
	}
	batch := s.waiting()
	before := batch.Len()
	batch.Queue(text, args...)
	results := s.conn.SendBatch(ctx, batch)
	end := func() { _ = results.Close() }
	for range before {
		if _, err := results.Exec(); err != nil {
			end()
			return nil, nil, err
		}
	}
	rows, err := results.Query() // the caller closes them
	return rows, func() { rows.Close(); end() }, err
}

func (s *postgresSession) put(_ context.Context, text string, args []any) error {
	s.puts = append(s.puts, statement{text, args})
	return nil
}

func (s *postgresSession) once(ctx context.Context, text string) error {
	_, err := s.conn.Exec(ctx, text)
	return err
}

func (s *postgresSession) forget() {
	clear(s.puts)
	s.puts = s.puts[:0]
}

func (s *postgresSession) begin(ctx context.Context, list []reading) (id string, found map[readKey][]any, err error) {
	var batch pgx.Batch
	batch.Queue(s.begins)
	batch.Queue(`SELECT pg_current_xact_id()::text`).QueryRow(func(row pgx.Row) error { return row.Scan(&id) })
	found = make(map[readKey][]any, len(list))
	statements := make([]statement, len(list))
	for i, r := range list {
		found[r.key], statements[i] = nil, statement{r.text, r.args}
	}
	for _, g := range s.grouped(statements) {
		of := list[g.of[0]]
		batch.Queue(g.text, g.args...).Query(func(rows pgx.Rows) error {
			row := numbered{rows, len(g.of) > 1, 1}
			for rows.Next() {
				item, err := of.scan(&row)
				if err != nil {
					return err
				}
				key := list[g.of[row.number-1]].key
				found[key] = append(found[key], item)
			}
			return rows.Err()
		})
	}
	return id, found, s.conn.SendBatch(ctx, &batch).Close()
}

// manyPuts is the number of statements from which on an answer to COMMIT may take longer.
const manyPuts = 4 * maxBatch

func (s *postgresSession) commit(ctx context.Context) error {
	if len(s.puts) > manyPuts {
		if err := s.conn.SendBatch(ctx, s.waiting()).Close(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, commitWait)
	defer cancel()
	batch := s.waiting()
	var said string
	batch.Queue(s.commits).Exec(func(tag pgconn.CommandTag) error {
		said = tag.String()
		return nil
	})
	err := s.conn.SendBatch(ctx, batch).Close()
	if err == nil && said != "COMMIT" {
		return errRolledBack
	}
	return err
}

func (s *postgresSession) close() {}

// numbered is a row whose first column is the number of its set, if there are several sets of
// parameters.
type numbered struct {
	rows    pgx.Rows
	several bool
	number  int64
}

// Scan implements Row.
func (n *numbered) Scan(dest ...any) error {
	if n.several {
		dest = slices.Insert(dest, 0, any(&n.number))
	}
	return n.rows.Scan(dest...)
}
