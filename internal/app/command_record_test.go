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
	"backchannel/internal/streamapi/emulator"
)

// commandsOn are the commands, with their arguments besides the database's folder DATA.
var commandsOn = map[string][]string{
	"migrate":        {"migrate"},
	"users import":   {"users", "import", "DATA/users.csv"},
	"backup":         {"backup", "DATA/copy.db"},
	"restore":        {"restore"},
	"verify":         {"verify"},
	"changes export": {"changes", "export"},
	"transfer": {"transfer", "--from", "stream", "--to", "engine", "--stream-base-url", "STREAM",
		"--stream-api-key", emulator.DefaultKey, "--stream-api-secret", emulator.DefaultSecret},
}

// commandsElsewhere are the commands that aren't run here, and why.
var commandsElsewhere = map[string]string{
	"serve":       "the tests of its APIs call each mutation",
	"token":       "it has no database",
	"move":        "it copies the records, too, into a database that must be empty",
	"emulate":     "its database is in memory",
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
	_, hosted := stream(t, sampleApp(8, 8, 3))
	in := func(name string) []string {
		args := append(slices.Clone(commandsOn[name]), "--data", data)
		for i := range args {
			args[i] = strings.NewReplacer("DATA", data, "STREAM", hosted).Replace(args[i])
		}
		return args
	}
	file, database := filepath.Join(data, "users.csv"), filepath.Join(data, "backchannel.db")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("id,name\nann,Ann\n")
	if _, stderr, code := run(t, nil, in("users import")...); code != 0 {
		t.Fatal(stderr)
	}
	write("id,name\nann,Anna\nbob,Bob\n")
	changing := 0
	for _, name := range slices.Sorted(maps.Keys(commandsOn)) {
		before := apitest.DumpFile(t, database)
		if _, stderr, code := run(t, nil, in(name)...); code != 0 {
			t.Errorf("%s: %s", name, stderr)
			continue
		}
		after := apitest.DumpFile(t, database)
		records := len(after["changes"]) - len(before["changes"])
		changed := !maps.EqualFunc(before, after, slices.Equal[[]string])
		if changed != (records > 0) {
			t.Errorf("%s changes the database: %t, and leaves %d records", name, changed, records)
		}
		if changed {
			changing++
		}
	}
	if changing != 3 {
		t.Errorf("%d commands change something, want users import, transfer and restore", changing)
	}
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	by := apitest.Rows(t, db, `SELECT DISTINCT via, actor FROM changes ORDER BY actor`)
	if want := []string{"command ", "command transfer", "command users-import"}; !slices.Equal(by, want) {
		t.Errorf("the records name %q, want %q", by, want)
	}
}
