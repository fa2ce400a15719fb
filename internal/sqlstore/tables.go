package sqlstore

import (
	"context"
	"database/sql"
	"slices"
)

// table is a table as the database describes it.
type table struct {
	name    string
	columns []string
	yesNo   []bool   // which columns have the type BOOLEAN
	key     []string // of the primary key, in its order
}

func (t table) has(column string) bool { return slices.Contains(t.columns, column) }

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// tables returns the database's tables by name, except those of full-text indexes.
func (d dialect) tables(ctx context.Context, q querier) ([]table, error) {
	type column struct {
		table, name string
		key         int // position in the primary key from 1, 0 if it isn't part of it
		yesNo       bool
	}
	rows, err := q.QueryContext(ctx, d.describe)
	columns, err := Collect(rows, err, func(rows Row) (c column, err error) {
		err = rows.Scan(&c.table, &c.name, &c.key, &c.yesNo)
		return c, err
	})
	var list []table
	for _, c := range columns {
		if len(list) == 0 || list[len(list)-1].name != c.table {
			list = append(list, table{name: c.table})
		}
		t := &list[len(list)-1]
		t.columns, t.yesNo = append(t.columns, c.name), append(t.yesNo, c.yesNo)
		if c.key > 0 {
			t.key = append(t.key, make([]string, max(0, c.key-len(t.key)))...)
			t.key[c.key-1] = c.name
		}
	}
	return list, err
}

// Queries for the databases' description of their tables: table, column, position in the primary
// key, and whether it is a BOOLEAN; the columns by name, so that both databases return them in the
// same order. Shelves and what users have of them are left out: they belong to the databases' indexes.
const (
	describeOnSQLite = `SELECT t.name, c.name, CASE WHEN t.name = 'users' THEN c.name = 'id' ELSE c.pk END, c.type = 'BOOLEAN'
		FROM pragma_table_list t JOIN pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND NOT (t.name = 'users' AND c.name = 'no') AND t.name <> 'user_shelves' ORDER BY 1, 2`
	describeOnPostgres = `SELECT c.relname, a.attname, COALESCE(array_position(i.indkey::smallint[], a.attnum), -1) + 1, a.atttypid = 'boolean'::regtype
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
			AND NOT (c.relname = 'users' AND a.attname = 'shelf') AND c.relname <> 'user_shelves' ORDER BY c.relname COLLATE "C", a.attname COLLATE "C"`
)
