package apitest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
)

// Rows returns the rows of a query as texts.
func Rows(t testing.TB, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.Trim(fmt.Sprint(values), "[]"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Tables returns the rows of all tables of a database, in no order, as [Rows] does, without those of
// SQLite's index and those that servers write by themselves.
func Tables(t testing.TB, db *sql.DB) map[string][]string {
	t.Helper()
	names := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'users_search%' AND name NOT LIKE 'sqlite%'`
	if _, isPostgres := db.Driver().(*stdlib.Driver); isPostgres {
		names = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	all := map[string][]string{}
	for _, name := range Rows(t, db, names) {
		if slices.Contains(byThemselves, name) {
			continue
		}
		all[name] = Rows(t, db, `SELECT * FROM `+name)
		slices.Sort(all[name])
	}
	return all
}

// byThemselves are the tables that servers write by themselves.
var byThemselves = []string{"leases", "webhook_positions", "webhook_deliveries"}
