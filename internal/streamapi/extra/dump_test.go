package extra_test

import (
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/apitest"
	"backchannel/internal/sqlstore"
)

// notCompared are tables that change with every operation: logs, records of changes, counters and
// leases.
var notCompared = []string{"events", "changes", "change_targets", "counters", "migrations", "leases"}

// dump returns all rows of a database, by table, except those tables and versions.
func dump(t *testing.T, where sqlstore.Options) map[string][]string {
	t.Helper()
	all := everything(t, where)
	maps.DeleteFunc(all, func(table string, _ []string) bool {
		return slices.Contains(notCompared, table) || apitest.IsIndex(table) || table == "user_shelves"
	})
	return all
}

// everything returns the rows of all tables, without versions.
func everything(t *testing.T, where sqlstore.Options) map[string][]string {
	t.Helper()
	driver, source := "sqlite", where.Path
	if where.URL != "" {
		driver, source = "pgx", where.URL
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all := map[string][]string{}
	for _, table := range apitest.Tables(t, db) {
		all[table] = nil
		for _, row := range apitest.Records(t, db, table) {
			maps.DeleteFunc(row, func(column string, _ any) bool {
				return slices.Contains([]string{"seq", "version", "updated_at"}, column) || table == "users" && column == "no" // where SQLite's index has it
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
			all[table] = append(all[table], string(text))
		}
		slices.Sort(all[table])
	}
	return all
}
