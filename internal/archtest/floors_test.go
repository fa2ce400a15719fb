package archtest

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"
)

// floors lists the packages from the ground up. A package imports only packages of lower
// floors. A folder below internal/ is one unit with everything in it; the program itself is
// "main".
var floors = [][]string{
	{"fold", "metrics", "webhook"},
	{"chat"},
	{"sqlstore", "bus", "upload", "userfile"},
	{"feed"},
	{"ledger"},
	{"job"},
	{"delivery"},
	{"engine", "stream", "auth", "media"},
	{"desk"},
	{"transport"},
	{"graph", "streamapi", "web", "load"},
	{"app", "streamtest"},
	{"main"},
}

// knows restricts what a floor would allow.
var knows = map[string][]string{
	"bus":       {"chat", "metrics"},
	"media":     {"chat", "metrics", "sqlstore", "upload"},
	"userfile":  {"chat", "fold"},
	"transport": {"chat", "auth", "desk", "metrics"},
	"graph":     {"chat", "desk", "transport"},
	"streamapi": {"fold", "webhook", "chat", "engine", "media", "sqlstore", "stream"},
	"web":       {},
	"load":      {},
}

// helpers serve tests and measurements. They may import anything, and only
// tests and other helpers import them.
var helpers = []string{"archtest", "apitest", "bench", "chattest", "logtest", "metricstest", "natstest", "pgtest"}

func TestPackagesImportLowerFloors(t *testing.T) {
	height := map[string]int{}
	for floor, units := range floors {
		for _, unit := range units {
			height[unit] = floor
		}
	}
	for _, pkg := range listPackages(t) {
		importer := unitOf(pkg.ImportPath)
		if slices.Contains(helpers, importer) {
			continue
		}
		floor, known := height[importer]
		if !known {
			t.Errorf("%s has no floor: add %q to floors or helpers in this file", pkg.ImportPath, importer)
			continue
		}
		for _, path := range pkg.Imports {
			imported := unitOf(path)
			if imported == "" || imported == importer {
				continue
			}
			allowed, narrowed := knows[importer]
			switch {
			case slices.Contains(helpers, imported):
				t.Errorf("%s imports %s, which is for tests", pkg.ImportPath, path)
			case height[imported] >= floor:
				t.Errorf("%s imports %s, which does not stand on a lower floor", pkg.ImportPath, path)
			case narrowed && !slices.Contains(allowed, imported):
				t.Errorf("%s imports %s; of this project it may know only %q", pkg.ImportPath, path, allowed)
			}
		}
	}
}

func TestVocabularyNeedsTheStandardLibraryOnly(t *testing.T) {
	for _, pkg := range listPackages(t) {
		if unitOf(pkg.ImportPath) != "chat" {
			continue
		}
		for _, path := range pkg.Imports {
			if host, _, _ := strings.Cut(path, "/"); strings.Contains(host, ".") {
				t.Errorf("%s imports %s", pkg.ImportPath, path)
			}
		}
	}
}

// Only the program links the cloud drivers: a test that imports media or streamtest must not have to
// build them.
func TestOnlyTheProgramLinksClouds(t *testing.T) {
	for _, pkg := range listPackages(t) {
		for _, path := range pkg.Imports {
			if cloudDriver(path) && unitOf(pkg.ImportPath) != "app" {
				t.Errorf("%s imports %s, which internal/app alone may", pkg.ImportPath, path)
			}
		}
	}
}

// The NATS server runs only in tests, as a separate program. Our module doesn't require it, so that no
// package can link it.
func TestNobodyContainsTheServerOfNATS(t *testing.T) {
	text, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "nats-io/nats-server") {
		t.Error("go.mod names the server of NATS; it belongs to tools/go.mod")
	}
}

// cloudDriver reports whether a package of gocloud.dev/blob talks to a cloud.
func cloudDriver(path string) bool {
	name, driver := strings.CutPrefix(path, "gocloud.dev/blob/")
	return driver && name != "fileblob" && name != "memblob"
}

// unitOf names the unit that an import path belongs to: its folder below
// internal/, "web", "main", or nothing when it is not of this project.
func unitOf(path string) string {
	inside, ours := strings.CutPrefix(path, module)
	if !ours || inside != "" && inside[0] != '/' {
		return ""
	}
	inside = strings.TrimPrefix(strings.TrimPrefix(inside, "/"), "internal/")
	unit, _, _ := strings.Cut(inside, "/")
	return cmp.Or(unit, "main")
}
