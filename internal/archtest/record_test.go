package archtest

import (
	"regexp"
	"testing"
)

// rewritesRecords are the functions, constants and variables whose SQL changes or removes
// records of changes, and why they may. What somebody did stays on record otherwise.
var rewritesRecords = map[string]string{
	"ForgetChanges": "records are kept for a time",
	"ForgetUser":    "erasing a person reaches into records",
	"EraseBinned":   "erasing a channel from the bin empties what records keep of it",
}

var rewrites = regexp.MustCompile(`(?i)\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE)\s+(TABLE\s+)?change(s|_targets|_intents)\b|\bINTO\s+change(s|_targets|_intents)\b[^;]*\bON CONFLICT\b`)

func TestRecordsOfChangesStay(t *testing.T) {
	onlyListed(t, rewritesRecords, "rewrites records of changes; only retention and erasure may", rewrites.MatchString)
}
