package app_test

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"backchannel/internal/apitest"
)

// commandsOn are the commands with what they are run with on a database.
var commandsOn = map[string]func(data string) []string{
	"migrate":        func(data string) []string { return []string{"migrate", "--data", data} },
	"users import":   func(data string) []string { return []string{"users", "import", data + "/users.csv", "--data", data} },
	"backup":         func(data string) []string { return []string{"backup", data + "/copy.db", "--data", data} },
	"restore":        func(data string) []string { return []string{"restore", "--data", data} },
	"verify":         func(data string) []string { return []string{"verify", "--data", data} },
	"changes export": func(data string) []string { return []string{"changes", "export", "--data", data} },
}

// commandsElsewhere are the commands that aren't run here, and why.
var commandsElsewhere = map[string]string{
	"serve":       "the tests of its APIs call each mutation",
	"token":       "it has no database",
	"move":        "it copies the records, too, into a database that must be empty",
	"emulate":     "its database is in memory",
	"transfer":    "it calls Stream's API, whose tests call each endpoint",
	"stream hook": "it has no database",
	"bench":       "its database is its own",
	"schema":      "it has no database",
	"version":     "it has no database",
}

// A command that changes a database leaves a record of it, and one that changes nothing leaves none.
func TestCommandsThatChangeSomethingLeaveARecord(t *testing.T) {
	t.Parallel()
	help, _, _ := run(t, nil, "--help")
	_, list, _ := strings.Cut(help, "Commands:")
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)`).FindAllStringSubmatch(list, -1) {
		names = append(names, m[1])
	}
	known := slices.Sorted(maps.Keys(commandsOn))
	known = append(known, slices.Collect(maps.Keys(commandsElsewhere))...)
	if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(known))) {
		t.Fatalf("the commands are %q, and known here are %q", names, known)
	}
	data := t.TempDir()
	file := filepath.Join(data, "users.csv")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("id,name\nann,Ann\n")
	if _, stderr, code := run(t, nil, commandsOn["users import"](data)...); code != 0 {
		t.Fatal(stderr)
	}
	write("id,name\nann,Anna\nbob,Bob\n")
	changing := 0
	for _, name := range slices.Sorted(maps.Keys(commandsOn)) {
		before := databaseIn(t, data)
		if _, stderr, code := run(t, nil, commandsOn[name](data)...); code != 0 {
			t.Errorf("%s: %s", name, stderr)
			continue
		}
		after := databaseIn(t, data)
		records := len(after["changes"]) - len(before["changes"])
		changed := !maps.EqualFunc(before, after, slices.Equal[[]string])
		if changed != (records > 0) {
			t.Errorf("%s changes the database: %t, and leaves %d records", name, changed, records)
		}
		if changed {
			changing++
		}
	}
	if changing != 2 {
		t.Errorf("%d commands change something, want users import and restore", changing)
	}
}

// databaseIn are the rows of all tables of a database, but not those of SQLite's index.
func databaseIn(t *testing.T, data string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "backchannel.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all := map[string][]string{}
	for _, name := range apitest.Rows(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'users_search%' AND name NOT LIKE 'sqlite%'`) {
		all[name] = apitest.Rows(t, db, `SELECT * FROM `+name)
		slices.Sort(all[name])
	}
	return all
}
