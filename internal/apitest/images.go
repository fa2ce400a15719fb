package apitest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Images copies the files of a SQLite database at steps of its writes: a process that is killed then
// leaves these. Its Step is for [sqlstore.Options].
type Images struct {
	testing.TB
	Path string // of the database

	mu    sync.Mutex
	armed bool
	steps []string // their beginnings; none for all
	taken []Image
}

// Image is a copy of a database.
type Image struct{ Step, Path string }

// Step copies the database if an image of this step is wanted.
func (c *Images) Step(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.armed || len(c.steps) > 0 && !slices.ContainsFunc(c.steps, func(step string) bool { return text == step || step != "" && strings.HasPrefix(text, step) }) {
		return
	}
	to := filepath.Join(c.TempDir(), "chat.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(c.Path + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, content, 0o600)
		}
		if err != nil {
			c.Error(err)
		}
	}
	c.taken = append(c.taken, Image{text, to})
}

// During calls do and returns images of its steps that begin with one of the given texts, of which ""
// is only the step after a commit; of all its steps if none is given.
func (c *Images) During(do func(), steps ...string) []Image {
	c.arm(true, steps)
	do()
	return c.arm(false, nil)
}

func (c *Images) arm(armed bool, steps []string) (taken []Image) {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken, c.taken, c.armed, c.steps = c.taken, nil, armed, steps
	return taken
}

// Changed returns how many records of changes a dump has more than the one before, and whether
// anything else differs, except in some tables.
func Changed(before, after map[string][]string, except ...string) (records int, effect bool) {
	return len(after["changes"]) - len(before["changes"]),
		!maps.EqualFunc(without(before, except), without(after, except), slices.Equal[[]string])
}

func without(dump map[string][]string, tables []string) map[string][]string {
	dump = maps.Clone(dump)
	for _, table := range append([]string{"changes", "change_targets", "counters"}, tables...) {
		delete(dump, table)
	}
	return dump
}

// chance matches the parts of a row that differ in each run: times, ids, secrets, tokens, request
// ids, and the number of progress events of a job.
var chance = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b1[0-9]{15}\b|\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|whsec_[\w+/=]+|eyJ[\w.-]+|\b[0-9A-Z]{26}\b|\b[0-9a-f]{16}\b|^jobs [0-9]+$|(DONE|DONE_WITH_FAILURES) .* [0-9]+$`)

// SameTables fails the test if two dumps differ in more than the parts that differ in each run.
func SameTables(t testing.TB, what string, got, want map[string][]string) {
	t.Helper()
	sorted := func(rows []string) string {
		var list []string
		for _, row := range rows {
			list = append(list, chance.ReplaceAllString(row, "~"))
		}
		slices.Sort(list)
		return strings.Join(list, "\n")
	}
	for table := range want {
		if got, want := sorted(got[table]), sorted(want[table]); got != want {
			t.Errorf("%s: %s has\n%s\nwant\n%s", what, table, got, want)
		}
	}
}
