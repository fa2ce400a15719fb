package sqlstore_test

import (
	"slices"
	"testing"

	"backchannel/internal/sqlstore"
)

// The bin has every column of channels, of which deleting and bringing back lose none.
func TestBinHasWhatChannelsHave(t *testing.T) {
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	columns := func(table string) []string {
		rows, err := store.Query(t.Context(), `SELECT name FROM pragma_table_info($1) ORDER BY name`, table)
		list, err := sqlstore.Collect(rows, err, sqlstore.ScanValue[string])
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	own, moved := columns("channels"), sqlstore.BinColumns()
	if slices.Sort(moved); !slices.Equal(own, moved) {
		t.Errorf("channels has the columns %q, and moved are %q", own, moved)
	}
	bin := columns("bin")
	for _, column := range own {
		if !slices.Contains(bin, column) {
			t.Errorf("the bin has no column %s", column)
		}
	}
}
