package extra_test

import (
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/sqlstore"
)

// notCompared are tables that change with every operation: logs, records of changes, counters and
// leases.
var notCompared = []string{"events", "changes", "change_targets", "counters", "migrations", "leases"}

// dump is all that is in a database of SQLite, by table, except versions.
func dump(t *testing.T, path string) map[string][]string {
	t.Helper()
	return dumpOf(t, sqlstore.Options{Path: path})
}

// dumpOf is dump of either database.
func dumpOf(t *testing.T, where sqlstore.Options) map[string][]string {
	t.Helper()
	all := everything(t, where)
	maps.DeleteFunc(all, func(table string, _ []string) bool {
		return slices.Contains(notCompared, table) || strings.HasPrefix(table, "sqlite") ||
			strings.HasPrefix(table, "users_search") || table == "user_shelves" // SQLite's own, for its index
	})
	return all
}

// everything are the rows of all tables, without versions.
func everything(t *testing.T, where sqlstore.Options) map[string][]string {
	t.Helper()
	driver, source, names := "sqlite", where.Path, `SELECT name FROM sqlite_master WHERE type = 'table'`
	if where.URL != "" {
		driver, source, names = "pgx", where.URL, `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ask := func(query string) (list []map[string]any) {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		for err == nil && rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			err = rows.Scan(into...)
			row := map[string]any{}
			for i, c := range columns {
				row[c] = values[i]
			}
			list = append(list, row)
		}
		if err != nil || rows.Err() != nil {
			t.Fatal(err, rows.Err())
		}
		return list
	}
	all := map[string][]string{}
	for _, table := range ask(names) {
		name := table["name"].(string)
		all[name] = nil
		for _, row := range ask(`SELECT * FROM ` + name) {
			maps.DeleteFunc(row, func(column string, _ any) bool {
				return slices.Contains([]string{"seq", "version", "updated_at"}, column) || name == "users" && column == "no" // where SQLite's index has it
			})
			for column, v := range row { // the order in an object means nothing
				var object map[string]any
				if text, ok := v.(string); ok && strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &object) == nil {
					row[column] = object
				}
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = append(all[name], string(text))
		}
		slices.Sort(all[name])
	}
	return all
}
