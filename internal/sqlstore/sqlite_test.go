package sqlstore_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

func scanThree(r sqlstore.Row) (row [3]string, err error) {
	return row, r.Scan(&row[0], &row[1], &row[2])
}

// A statement gets its values by their numbers, also within a write.
func TestParametersHaveNumbers(t *testing.T) {
	const text = `SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)`
	want := [3]string{"second", "", "second"}
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		for range 2 { // the second time the statement is there already
			rows, err := s.Query(t.Context(), text, "", "second")
			if got, _, err := sqlstore.First(rows, err, scanThree); err != nil || got != want {
				t.Errorf("a query gives %q, %v", got, err)
			}
			err = s.Write(t.Context(), func(tx *sqlstore.Tx) error {
				got, _, err := sqlstore.TxFirst(tx, scanThree, text, "", "second")
				if got != want {
					t.Errorf("a write reads %q", got)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// Null is no value, on both databases.
func TestNullIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		for _, text := range []string{`SELECT CAST(NULL AS TEXT)`, `SELECT CAST(NULL AS BIGINT)`} {
			rows, err := s.Query(t.Context(), text)
			if _, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[string]); err == nil {
				t.Errorf("%s is a text", text)
			}
			rows, err = s.Query(t.Context(), text)
			if _, _, err := sqlstore.First(rows, err, sqlstore.ScanValue[int64]); err == nil {
				t.Errorf("%s is a number", text)
			}
		}
	})
}

// A query ends when its caller's time does, and its connection serves the next one.
func TestQueryEndsWithItsContext(t *testing.T) {
	const forever = `WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		s := open(t, where)
		for range 2 * runtime.GOMAXPROCS(0) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			rows, err := s.Query(ctx, forever)
			_, _, err = sqlstore.First(rows, err, sqlstore.ScanValue[int64])
			cancel()
			if chat.CodeOf(err) != chat.Unavailable {
				t.Fatalf("a query without end gives %v", err)
			}
			if _, err := s.ChannelsVersion(t.Context()); err != nil {
				t.Fatalf("the next query gives %v", err)
			}
		}
	})
}
