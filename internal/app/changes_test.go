package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// What is exported is what changes answers, but oldest first and with all targets.
func TestChangesExport(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, data)
	var cids []string
	for i := range 30 {
		id := fmt.Sprint("c", i)
		s.must("createOrUpdateChannel", new(bool), createDocument, map[string]any{"id": id, "name": id})
		cids = append(cids, "livestream:"+id)
	}
	s.must("deleteChannels", new(bool), `mutation($cids: [String!]!, $reason: String) { deleteChannels(input: {cids: $cids, reason: $reason}) }`,
		map[string]any{"cids": cids, "reason": `=HYPERLINK("x"), <told> to`})
	var page struct {
		Nodes []struct{ ID string }
	}
	s.must("changes", &page, `{ changes(first: 200) { nodes { id } } }`, nil)

	type record struct {
		ID, Operation, Reason, Outcome, Via string
		At                                  time.Time
		TargetCount                         int
		Targets                             []struct {
			Kind, CID     string
			Before, After map[string]any
		}
	}
	stdout, stderr, code := run(t, nil, "changes", "export", "--data", data)
	if code != 0 {
		t.Fatalf("changes export: %d %s", code, stderr)
	}
	var list []record
	for decoder := json.NewDecoder(strings.NewReader(stdout)); decoder.More(); {
		var r record
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	if strings.Count(stdout, "\n") != len(list) {
		t.Error("a record isn't a line")
	}
	if len(list) != len(page.Nodes) || len(list) != 31 {
		t.Fatalf("%d records, changes answers %d", len(list), len(page.Nodes))
	}
	slices.Reverse(page.Nodes)
	for i, r := range list {
		if r.ID != page.Nodes[i].ID {
			t.Errorf("record %d is %s, not %s", i, r.ID, page.Nodes[i].ID)
		}
	}
	last := list[30]
	if last.Operation != "deleteChannels" || last.Outcome != "DONE" || last.Via != "GRAPHQL" || last.Reason != `=HYPERLINK("x"), <told> to` || last.TargetCount != 30 || len(last.Targets) != 30 {
		t.Errorf("the deletion: %+v", last)
	}
	if first := list[0].Targets[0]; first.CID != "livestream:c0" || first.Before != nil || first.After["name"] != "c0" {
		t.Errorf("what was created: %+v", first)
	}

	rows := func(args ...string) [][]string {
		stdout, stderr, code := run(t, nil, append([]string{"changes", "export", "--format", "csv", "--data", data}, args...)...)
		rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
		if code != 0 || err != nil {
			t.Fatalf("as CSV: %d %s %v", code, stderr, err)
		}
		return rows
	}
	all := rows()
	if len(all) != 1+30+30 || all[60][6] != `'=HYPERLINK("x"), <told> to` || all[60][13] == "" {
		t.Errorf("%d rows, the last is %q", len(all), all[len(all)-1])
	}
	moment := last.At.Format(time.RFC3339Nano)
	if since, until := rows("--since", moment), rows("--until", moment); len(since) != 1+30 || len(until) != 1+30 {
		t.Errorf("%d rows since the deletion, %d before it", len(since), len(until))
	}
	if _, stderr, code := run(t, nil, "changes", "export", "--data", t.TempDir()); code != 1 || !strings.Contains(stderr, "--data") {
		t.Errorf("of no database: %d %s", code, stderr)
	}
}
