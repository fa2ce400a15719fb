package archtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What exists only because Stream does lies behind the wall: below internal/streamapi.
// Only the program and streamtest import it.
const wall = "streamapi"

var lookBehindTheWall = []string{wall, "app", "streamtest"}

func TestOnlyTheProgramLooksBehindTheWall(t *testing.T) {
	for _, pkg := range listPackages(t) {
		importer := unitOf(pkg.ImportPath)
		if slices.Contains(lookBehindTheWall, importer) || slices.Contains(helpers, importer) {
			continue
		}
		for _, path := range pkg.Imports {
			if unitOf(path) == wall {
				t.Errorf("%s imports %s, which is behind the wall", pkg.ImportPath, path)
			}
		}
	}
}

// bridges are functions in front of the wall that only code behind it calls. Each needs internals of its
// package that should not be exported.
var bridges = []string{
	"(*backchannel/internal/media.Store).Attach", // Stream's forms, into the same spool, storage and sweeper
	"(*backchannel/internal/media.Store).Detach",
	"(*backchannel/internal/media.Store).Hold",
	"(*backchannel/internal/engine.Effects).Observe",         // tells the emulator's webhooks what the log gets
	"(*backchannel/internal/webhook.Sender).Send",            // the emulator's calls, which its faults strike
	"(*backchannel/internal/delivery.Service).AdoptWebhooks", // only that API has other webhooks
	"(*backchannel/internal/engine.Effects).ForgetSettings",  // settings change by that API only
	"backchannel/internal/stream.Refused",                    // tells a transfer what an answer was, of errors that stay stream's
}

// forTests are functions that only tests of other packages call.
var forTests = []string{
	"(*backchannel/internal/transport/fanout.Groups[K]).Len",
	"(*backchannel/internal/transport/fanout.Groups[K]).Members",
	"(*backchannel/internal/sqlstore.Store).Waiting",
}

// withoutTheWall replaces the program's files that mention packages behind the wall.
var withoutTheWall = map[string]string{
	"emulate.go":  `type emulateCommand struct{}`,
	"transfer.go": `type transferCommand struct{}`,
	"streamapi.go": `import (
	"log/slog"
	"net/http"

	"backchannel/internal/engine"
	"backchannel/internal/media"
)

func (c serveCommand) streamAPI(*engine.Engine, *media.Store, *slog.Logger) (http.Handler, error) {
	return nil, nil
}`,
}

// The program compiles without the packages behind the wall.
func TestTheProgramCompilesWithoutTheWall(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	app, err := filepath.Abs(filepath.Join(root, "internal", "app"))
	if err != nil {
		t.Fatal(err)
	}
	folder, replace := t.TempDir(), map[string]string{}
	write := func(name string, text []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, text := range withoutTheWall {
		replace[filepath.Join(app, name)] = write(name, []byte("package app\n\n"+text+"\n"))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	flag := "-overlay=" + write("overlay.json", overlay)
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("build", flag, "./internal/app")
	for path := range strings.FieldsSeq(run("list", "-deps", flag, ".")) {
		if unitOf(path) == wall {
			t.Errorf("the program still has %s", path)
		}
	}
}

// Without the packages behind the wall, the program uses each of its functions.
func TestAllIsUsedWithoutWhatIsBehindTheWall(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	p := loadProgram(t)
	for name, at := range p.unused(slices.Concat(bridges, forTests)) {
		t.Errorf("%s: %s is used by nobody, or only behind the wall", at, name)
	}
}

// sqlText matches SQL statements as they are written in this project.
var sqlText = regexp.MustCompile("[`\"](SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|ALTER TABLE|CREATE TABLE) ")

// holdsSQL are the packages in which SQL is written.
var holdsSQL = []string{"sqlstore", "sqlstore/hookstore", "sqlstore/jobstore", "streamapi/store"}

// SQL is written in sqlstore, in its parts for jobs and webhooks, and in one package behind the wall.
func TestSQLIsWrittenInFourPackages(t *testing.T) {
	for _, pkg := range listPackages(t) {
		within := strings.TrimPrefix(pkg.ImportPath, module+"/internal/")
		if slices.Contains(helpers, unitOf(pkg.ImportPath)) || slices.Contains(holdsSQL, within) {
			continue
		}
		for path, text := range sources(t, pkg) {
			if found := sqlText.FindString(text); found != "" {
				t.Errorf("%s has SQL: %s…", filepath.Base(path), found)
			}
		}
	}
}
