// Command bench compares the server with floors measured in the same run: the cost of the same answer,
// or of the same durable write, with net/http and encoding/json alone.
//
// Each server under test is a child process, so that CPU time and allocations are
// the server's alone; ours is the real one, started as `serve --dev`. The parent is
// the load generator. Rounds are interleaved, and ratios are taken within a round:
// on a shared machine they hold where absolute figures drift. A goal that is
// missed is shown as such and is no failure.
//
// With -base COMMIT it compares two versions instead (compare.go): both are built,
// and have the same load at the same time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	Duration time.Duration
	Rounds   int
	Only     string
	Base     string
	Flags    string
	JSON     string
	Plot     string
	Profiles string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := start(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == childArgument {
		return beChild(ctx, args[1:])
	}
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	return run(ctx, o, os.Stdout)
}

func parseOptions(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.DurationVar(&o.Duration, "duration", 1500*time.Millisecond, "how long each cell of a round is measured")
	flags.IntVar(&o.Rounds, "rounds", 7, "how many interleaved rounds to take the median of")
	flags.StringVar(&o.Only, "only", "", "measure one part: "+strings.Join(partNames(), ", ")+"; "+strings.Join(apart, " and ")+" only so, for they take minutes of their own")
	flags.StringVar(&o.Base, "base", "", "compare with the version of this commit: CPU time per operation of both, and the ratio")
	flags.StringVar(&o.Flags, "flags", "", "with -base: further flags of the new version's serve, such as --log-level=info, and variables of its environment, such as OTEL_TRACES_SAMPLER=always_on, to see what they cost")
	flags.StringVar(&o.JSON, "json", "", "write the report to this file too, as JSON")
	flags.StringVar(&o.Plot, "plot", "", "with -only growth: draw the growth into this file too, as SVG, e.g. docs/growth.svg")
	flags.StringVar(&o.Profiles, "profiles", "", "write profiles of the servers into this folder; costs a few per cent")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.Only != "" && !slices.Contains(partNames(), o.Only):
		return o, fmt.Errorf("-only must be one of %s", strings.Join(partNames(), ", "))
	case o.Base != "" && (o.Only == "growth" || o.Profiles != "" || o.Plot != ""):
		return o, errors.New("-base goes with neither -only growth nor -profiles nor -plot")
	case o.Rounds < 1 || o.Duration <= 0:
		return o, errors.New("-rounds and -duration must be positive")
	}
	return o, nil
}

// bench is one run.
type bench struct {
	options
	dir    string // a temporary folder for the databases
	report report

	database    func() string // returns the URL of a new database for each child; nil for SQLite
	environment []string      // of child processes, in addition to ours
}

// parts are the parts that can be measured, in order.
var parts = []struct {
	name    string
	measure func(context.Context, *bench) error
}{
	{"allchannels", measureListing},
	{"send", measureSending},
	{"start", measureStart},
	{"live", measureLive},
	{"missed", measureMissed},
	{"limits", measureLimits},
	{"nodes", measureNodes},
	{"reads", measureReads},
	{"growth", measureGrowth},
	{"bin", measureBin},
}

// apart are the parts that are measured only on request: filling a million rows takes long, and not
// everybody has PostgreSQL.
var apart = []string{"limits", "nodes", "reads", "growth", "bin"}

func partNames() []string {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.name
	}
	return names
}

func run(ctx context.Context, o options, out io.Writer) error {
	// The generator shares the cores with the server. Limited to one core, its idle threads don't spin
	// on the server's.
	runtime.GOMAXPROCS(1)
	dir, err := os.MkdirTemp("", "backchannel-bench-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{options: o, dir: dir, report: newReport(o)}
	if o.Base != "" {
		return b.compare(ctx, out)
	}
	for _, part := range parts {
		if o.Only != "" && o.Only != part.name || o.Only == "" && slices.Contains(apart, part.name) {
			continue
		}
		if err := part.measure(ctx, b); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}
	if err := b.report.print(out); err != nil || o.JSON == "" {
		return err
	}
	return b.report.save(o.JSON)
}

// progress tells the user what the program does.
func progress(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, format+"\n", args...)
}
