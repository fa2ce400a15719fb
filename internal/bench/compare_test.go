package main

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Two servers of the same program are measured separately.
func TestComparisonMeasuresBothVersions(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the CPU time of another process is read on Linux")
	}
	b := &bench{options: options{Duration: 80 * time.Millisecond, Rounds: 2}, dir: t.TempDir()}
	list := compareSending()
	if err := b.comparePart(t.Context(), [2]string{os.Args[0], os.Args[0]}, fillChannels(mostClients), list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for _, cell := range c.cells {
			if len(cell.Rounds) != b.Rounds || cell.spread(cpu).Min <= 0 {
				t.Errorf("%d clients of %s: %+v", c.clients, cell.Name, cell.Rounds)
			}
		}
	}
}

func TestComparisonsTable(t *testing.T) {
	row := func(what string, fresh ...float64) *comparison {
		c := withCells(&comparison{what: what, clients: 2})[0]
		for _, f := range fresh {
			c.cells[0].Rounds = append(c.cells[0].Rounds, sample{CPU: 100})
			c.cells[1].Rounds = append(c.cells[1].Rounds, sample{CPU: f})
		}
		return c
	}
	var out strings.Builder
	o := options{Base: "916af24", Rounds: 3, Duration: time.Second}
	if err := printComparisons(&out, o, []*comparison{row("equal", 99, 100, 140), row("dearer", 90, 106, 107)}); err != nil {
		t.Fatal(err)
	}
	const want = `CPU µs per operation of 916af24 and of the new version; medians of 3 rounds, in which both have the same load for 2s, with (least–most).

operation  clients  base           new           new / base           ≤ 1.05
equal      2        100 (100–100)  100 (99–140)  1.000 (0.990–1.400)  met
dearer     2        100 (100–100)  106 (90–107)  1.060 (0.900–1.070)  MISSED
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
