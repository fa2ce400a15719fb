package archtest

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// rewritesRecords are the functions, constants and variables whose SQL changes or removes
// records of changes, and why they may. What somebody did stays on record otherwise.
var rewritesRecords = map[string]string{
	"ForgetChanges": "records are kept for a time",
	"ForgetUser":    "erasing a person reaches into records",
	"EraseBinned":   "erasing a channel from the bin empties what records keep of it",
}

var rewrites = regexp.MustCompile(`(?i)\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE)\s+(TABLE\s+)?change(s|_targets)\b|\bINTO\s+change(s|_targets)\b[^;]*\bON CONFLICT\b`)

func TestRecordsOfChangesStay(t *testing.T) {
	found := map[string]bool{}
	for _, folder := range []string{"sqlstore", "streamapi/store"} {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			queriesOf(t, file, func(decl, text string) {
				if rewrites.MatchString(text) {
					found[decl] = true
					if _, known := rewritesRecords[decl]; !known {
						t.Errorf("%s: %s rewrites records of changes; only retention and erasure may", file, decl)
					}
				}
			})
		}
	}
	for decl := range rewritesRecords {
		if !found[decl] {
			t.Errorf("%s has no such query any more", decl)
		}
	}
}
