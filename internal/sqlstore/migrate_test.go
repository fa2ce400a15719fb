package sqlstore_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

// A database that another build has used is refused and not changed, whether the program
// would write to it or only look.
func TestDatabaseOfAnotherBuild(t *testing.T) {
	for _, row := range []struct {
		name    string
		change  string // of the versions
		opening string // what Open says
		looking string // what Inspect says
	}{
		{"a newer one", "INSERT INTO migrations (version) VALUES (9000)", "version 9000, and this program knows versions up to", "Run the newer program"},
		{"one from before the first release", "UPDATE migrations SET version = version - 40", "and this program knows versions from 42", "Start with a new database"},
		{"one from before, with later tables", "INSERT INTO migrations (version) VALUES (1)", "from before the first release", "Start with a new database"},
		{"one whose versions are lost", "DELETE FROM migrations", "already exists", "backchannel migrate"},
	} {
		t.Run(row.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, where sqlstore.Options) {
				s := open(t, where)
				if err := s.Write(t.Context(), func(tx *sqlstore.Tx) error { return tx.Exec(row.change) }); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				for range 2 { // the first has changed nothing
					_, err := sqlstore.Open(t.Context(), where)
					if err == nil || !strings.Contains(err.Error(), row.opening) {
						t.Errorf("opening: got %v, want %q", err, row.opening)
					}
				}
				_, err := sqlstore.Inspect(t.Context(), where)
				if err == nil || !strings.Contains(err.Error(), row.looking) {
					t.Errorf("looking: got %v, want %q", err, row.looking)
				}
			})
		})
	}
}

func TestMissingMigrations(t *testing.T) {
	for _, row := range []struct {
		name  string
		files string
		done  []int
		want  string // the versions to apply, or the error's beginning
	}{
		{"all are applied to a new database", "42 43 44", nil, "42 43 44"},
		{"those after the last are applied", "42 43 44", []int{42}, "43 44"},
		{"nothing is left", "42 43 44", []int{42, 43, 44}, ""},
		{"a file without the one before", "42 44", nil, "the migration after migrations/0042_x.sql must have the number 43, not 44"},
		{"a number used twice", "42 43 43", nil, "the migration after migrations/0043_x.sql must have the number 44, not 43"},
		{"a file without a number", "42 x", nil, "the migration migrations/x_x.sql has no number"},
		{"a lower number that came later", "41 42", []int{42}, "another build of Backchannel has used this database: its tables have version 42 without 41."},
		{"a number that the database lacks", "42 43 44", []int{42, 44}, "another build of Backchannel has used this database: its tables have version 44 without 43."},
		{"a database of a newer program", "42 43", []int{42, 43, 44}, "a newer Backchannel"},
		{"a database of an older build", "42 43", []int{1, 2, 41}, "a Backchannel from before the first release"},
		{"one of an older build with the same number", "42 43", []int{41, 42}, "a Backchannel from before the first release"},
	} {
		t.Run(row.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for i, number := range strings.Fields(row.files) {
				name := "migrations/00" + number + "_x.sql"
				if number == "x" {
					name = "migrations/x_x.sql"
				} else if files[name] != nil {
					name = "migrations/00" + number + "_y.sql"
				}
				files[name] = &fstest.MapFile{Data: []byte{byte(i)}}
			}
			got, err := sqlstore.MissingMigrations(files, row.done)
			if err != nil {
				got = err.Error()
			}
			if err == nil && got != row.want || err != nil && (row.want == "" || !strings.HasPrefix(got, row.want)) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// A server that is slow to migrate, as one with large tables or too little processor time, is
// not cut off like one that stands still within a write.
func TestMigrationsMayTakeLong(t *testing.T) {
	t.Parallel()
	way := pgtest.OpenRelay(t, pgtest.Open(t), 0)
	opened := make(chan error, 1)
	go func() {
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: way.URL})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	for way.RoundTrips() < 50 { // it is among the migrations
		time.Sleep(time.Millisecond)
	}
	release := way.Hold()
	time.Sleep(2 * time.Second) // longer than a writer may be idle
	release()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
