package archtest

import (
	"go/ast"
	"go/parser"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	mostMethods = 60    // exported ones of a type
	mostLines   = 5_000 // of a package, without tests and generated files
)

// larger are packages that need more lines, and types that need more methods, and why.
var larger = map[string]int{
	"sqlstore":       9_400, // the search of users, with their places in the list on both databases, SQLite without database/sql, backups, the logs of hosted Stream, batches in two round trips, statements for many at once, hints between nodes that bring messages along and rest under load, records of changes, also those that several transactions share, intents, the bin, undo, channels that move there together with what is stored of each, batches that wait for more, the steps at which tests crash, readings of a log in one round trip, this machine's clock beside PostgreSQL's
	"stream":         8_120, // live events on hosted: a poller, logs and webhooks beside the provider and its client; records of changes in two rows, also of rows of jobs, undo, and versions; a check of each answer for what it must have
	"sqlstore.Tx":    93,    // one method for each statement; two for records to which jobs add
	"desk.Desk":      67,    // one method for each operation of the API, two of them for plans
	"sqlstore.Store": 68,    // one method for each question
}

func TestTypesAndPackagesStaySmall(t *testing.T) {
	for _, pkg := range listPackages(t) {
		within := strings.TrimPrefix(pkg.ImportPath, module+"/internal/")
		lines, methods := 0, map[string]int{}
		for path, text := range sources(t, pkg) {
			file := parse(t, path, parser.SkipObjectResolution|parser.ParseComments)
			if ast.IsGenerated(file) {
				continue
			}
			lines += strings.Count(text, "\n")
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.IsExported() {
					methods[receiver(f.Recv.List[0].Type)]++
				}
			}
		}
		if most := max(mostLines, larger[within]); lines > most {
			t.Errorf("%s has %d lines; at most %d are allowed: move what is a subject of its own", within, lines, most)
		}
		for name, n := range methods {
			if most := max(mostMethods, larger[within+"."+name]); n > most {
				t.Errorf("%s.%s has %d exported methods; at most %d are allowed", within, name, n, most)
			}
		}
	}
}

// Names of GraphQL's inputs stay at the doors.
func TestInputsAreNamedAtTheDoors(t *testing.T) {
	doors := []string{"graph", "transport", "app", "web", "load"}
	for _, pkg := range listPackages(t) {
		if unit := unitOf(pkg.ImportPath); slices.Contains(doors, unit) || slices.Contains(helpers, unit) {
			continue
		}
		for path, text := range sources(t, pkg) {
			if strings.Contains(text, `"input.`) {
				t.Errorf("%s names an input of GraphQL", filepath.Base(path))
			}
		}
	}
}
