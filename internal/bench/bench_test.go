package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"backchannel/internal/app"
)

// TestMain lets the test binary be the child that a test starts, and the program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := app.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	if len(os.Args) < 2 || os.Args[1] != childArgument {
		os.Exit(m.Run())
	}
	if err := beChild(context.Background(), os.Args[2:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestBenchMeasures(t *testing.T) {
	for _, row := range []struct {
		only  string
		cells int
	}{
		{"allchannels", 2},
		{"send", 9},
	} {
		t.Run(row.only, func(t *testing.T) {
			dir := t.TempDir()
			o := options{Duration: 20 * time.Millisecond, Rounds: 1, Only: row.only, JSON: filepath.Join(dir, "report.json"), Profiles: dir}
			var out strings.Builder
			if err := run(t.Context(), o, &out); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(o.JSON)
			if err != nil {
				t.Fatal(err)
			}
			var r report
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Sections) != 1 || len(r.Sections[0].Cells) != row.cells || len(r.Goals) == 0 {
				t.Errorf("the report is %s", text)
			}
			for _, c := range r.Sections[0].Cells {
				if s := c.Rounds[0]; s.PerSecond <= 0 || s.CPU <= 0 || s.Allocs <= 0 {
					t.Errorf("%s with %d clients measured nothing: %+v", c.Name, c.Clients, s)
				}
			}
		})
	}
}

func TestTable(t *testing.T) {
	r := newReport(options{Rounds: 2, Duration: time.Second})
	r.Go, r.Platform, r.CPUs, r.Folder = "go1.26", "linux/amd64", 2, "/tmp"
	r.add(section{Title: "sendMessage", Cells: []*cell{
		{Name: "ours", Clients: 64, Rounds: []sample{{7000, 5, 20, 90, 10_000, 150}, {9000, 6, 30, 110, 10_000, 150}}},
	}},
		goal{What: "ratio", Least: 0.7, Got: spread{0.8, 0.75, 0.85}},
		goal{What: "time", Most: 150, Got: spread{151, 80, 300}},
		goal{What: "faults", Never: true, Got: spread{0, 0, 1}},
		goal{What: "to compare", Got: spread{1, 1, 1}})
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	const want = `go1.26 on linux/amd64, 2 CPUs, data in /tmp; medians of 2 rounds of 1s with (least–most).
CPU, bytes and allocations are the server's alone, per operation.

sendMessage
clients  server  per second        p50 ms            p99 ms               CPU µs        bytes  allocs
64       ours    8000 (7000–9000)  5.50 (5.00–6.00)  25.00 (20.00–30.00)  100 (90–110)  10000  150

figure      goal   measured               
ratio       ≥ 0.7  0.80 (0.75–0.85)       met
time        ≤ 150  151.00 (80.00–300.00)  MISSED
faults      0      0.00 (0.00–1.00)       MISSED
to compare  –      1.00 (1.00–1.00)       
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
