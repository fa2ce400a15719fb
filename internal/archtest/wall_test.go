package archtest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What exists only because Stream does lies behind the wall: below internal/streamapi.
// The program and the helper for tests of other projects look behind it, and nobody
// else.
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

// bridges are what only the wall calls although it lies before it: each needs more of
// its package than it would be good to export.
var bridges = []string{
	"(*backchannel/internal/media.Store).Attach", // Stream's forms, into the same spool, storage and sweeper
	"(*backchannel/internal/media.Store).Detach",
	"(*backchannel/internal/media.Store).Hold",
	"(*backchannel/internal/engine.Effects).Observe",        // tells webhooks what the log gets
	"(*backchannel/internal/engine.Effects).ForgetSettings", // settings change by that API only
	"backchannel/internal/stream.Refused",                   // tells a transfer what an answer was, of errors that stay stream's
}

// forTests are what tests of other packages look at.
var forTests = []string{
	"(*backchannel/internal/transport/fanout.Groups[K]).Len",
	"(*backchannel/internal/transport/fanout.Groups[K]).Members",
	"(*backchannel/internal/sqlstore.Store).Waiting",
}

// Without what is behind the wall the program compiles, since its packages import
// nothing there, and it uses each of its functions.
func TestAllIsUsedWithoutWhatIsBehindTheWall(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	p := loadProgram(t)
	for name, at := range p.unused(slices.Concat(bridges, forTests)) {
		t.Errorf("%s: %s is used by nobody, or only behind the wall", at, name)
	}
}

// sqlText finds statements, in the way in which they are written here.
var sqlText = regexp.MustCompile("[`\"](SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|ALTER TABLE|CREATE TABLE) ")

// SQL is written in sqlstore and in one package behind the wall.
func TestSQLIsWrittenInTwoPackages(t *testing.T) {
	for _, pkg := range listPackages(t) {
		within := strings.TrimPrefix(pkg.ImportPath, module+"/internal/")
		if slices.Contains(helpers, unitOf(pkg.ImportPath)) || within == "sqlstore" || within == "streamapi/store" {
			continue
		}
		for path, text := range sources(t, pkg) {
			if found := sqlText.FindString(text); found != "" {
				t.Errorf("%s has SQL: %s…", filepath.Base(path), found)
			}
		}
	}
}
