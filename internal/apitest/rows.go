package apitest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib" // as in internal/sqlstore
)

// Rows returns the rows of a query as texts.
func Rows(t testing.TB, db *sql.DB, query string) (list []string) {
	t.Helper()
	eachRow(t, db, query, func(_ []string, values []any) {
		list = append(list, strings.Trim(fmt.Sprint(values), "[]"))
	})
	return list
}

// Records returns the rows of a table, each by the names of its columns.
func Records(t testing.TB, db *sql.DB, table string) (list []map[string]any) {
	t.Helper()
	eachRow(t, db, `SELECT * FROM `+table, func(columns []string, values []any) {
		row := map[string]any{}
		for i, c := range columns {
			row[c] = values[i]
		}
		list = append(list, row)
	})
	return list
}

// Tables returns the names of all tables.
func Tables(t testing.TB, db *sql.DB) []string {
	t.Helper()
	if _, isPostgres := db.Driver().(*stdlib.Driver); isPostgres {
		return Rows(t, db, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	}
	return Rows(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`)
}

// IsIndex reports whether a table belongs to SQLite or to its index of users.
func IsIndex(table string) bool {
	return strings.HasPrefix(table, "sqlite") || strings.HasPrefix(table, "users_search")
}

// Dump returns the rows of all tables as sorted texts, by table, except those of SQLite's own tables
// and of the given ones, and how far retention is, which a chore may note at any time.
func Dump(t testing.TB, db *sql.DB, except ...string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range Tables(t, db) {
		if !IsIndex(table) && !slices.Contains(except, table) {
			query := `SELECT * FROM ` + table
			if table == "counters" {
				query += ` WHERE name NOT LIKE 'retention%'`
			}
			all[table] = Rows(t, db, query)
			slices.Sort(all[table])
		}
	}
	return all
}

// DumpFile is Dump of a file of SQLite.
func DumpFile(t testing.TB, path string, except ...string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	return Dump(t, db, except...)
}

// eachRow calls fn with the columns and values of each row of a query. It reuses the values.
func eachRow(t testing.TB, db *sql.DB, query string, fn func(columns []string, values []any)) {
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
		fn(columns, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
