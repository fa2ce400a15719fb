package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup" // the first error ends all; BSD-3

	"backchannel/internal/load"
)

// compareMost is the largest median ratio of CPU time per operation, new to base, that counts as
// "within 5 %".
const compareMost = 1.05

// comparison is one operation, measured on the base and on the new version.
type comparison struct {
	what      string
	clients   int
	load      workload      // nil if deliveries to subscribers are measured
	listening *load.Options // subscribers connected meanwhile; nil for none
	cells     [2]*cell
}

// pair is a server of the base and one of the new version.
type pair [2]*target

// comparedParts are the parts whose operations are compared, and the functions that fill two empty
// servers for them.
var comparedParts = []struct {
	part       string
	fill       func(context.Context, pair) error
	operations func() []*comparison
}{
	{"allchannels", fillChannels(listedChannels), compareListing},
	{"send", fillChannels(mostClients), compareSending},
	{"live", fillChannels(mostClients), compareLive},
	{"missed", fillMissed, compareMissed},
	{"reads", fillPages, compareReads},
}

// compare measures the CPU time of each operation in the base and in the new
// version, round by round.
func (b *bench) compare(ctx context.Context, out io.Writer) (err error) {
	binaries, err := b.buildBoth(ctx)
	if err != nil {
		return err
	}
	var all []*comparison
	for _, p := range comparedParts {
		if b.Only != "" && b.Only != p.part {
			continue
		}
		list := p.operations()
		if err := b.comparePart(ctx, binaries, p.fill, list); err != nil {
			return fmt.Errorf("comparing %s: %w", p.part, err)
		}
		all = append(all, list...)
	}
	if b.Only == "" || b.Only == "start" {
		list, err := b.compareStart(ctx, binaries)
		if err != nil {
			return fmt.Errorf("comparing start: %w", err)
		}
		all = append(all, list...)
	}
	if err := printComparisons(out, b.options, all); err != nil || b.JSON == "" {
		return err
	}
	for _, c := range all {
		b.report.add(section{Title: c.what, Cells: c.cells[:]}, goal{What: c.what, Most: compareMost, Got: c.ratio()})
	}
	return b.report.save(b.JSON)
}

func (b *bench) comparePart(ctx context.Context, binaries [2]string, fill func(context.Context, pair) error, list []*comparison) (err error) {
	servers, err := b.startPair(ctx, binaries)
	defer func() { err = errors.Join(err, servers.quit()) }()
	if err != nil {
		return err
	}
	if err := fill(ctx, servers); err != nil {
		return fmt.Errorf("filling the servers: %w", err)
	}
	for _, c := range list {
		if err := b.compareOperation(ctx, c, servers); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return nil
}

// startPair starts a server of each version in an empty folder. The caller ends what it
// returns, also if it fails.
func (b *bench) startPair(ctx context.Context, binaries [2]string) (servers pair, err error) {
	for i, binary := range binaries {
		data, err := os.MkdirTemp(b.dir, versionNames[i]+"-")
		if err != nil {
			return servers, err
		}
		var more []string
		if i == 1 {
			more = strings.Fields(b.Flags)
		}
		if servers[i], err = startBinary(ctx, versionNames[i], binary, data, more...); err != nil {
			return servers, err
		}
	}
	return servers, nil
}

func (p pair) quit() (err error) {
	for _, t := range p {
		if t != nil {
			err = errors.Join(err, t.quit())
		}
	}
	return err
}

func (b *bench) compareOperation(ctx context.Context, c *comparison, servers pair) error {
	if c.listening != nil {
		sessions, err := openSessions(ctx, servers, *c.listening)
		defer closeSessions(context.WithoutCancel(ctx), sessions)
		if err != nil {
			return err
		}
		if c.load == nil {
			c.load = func(ctx context.Context, t *target, _ int, d time.Duration) (tally, error) {
				return runSession(ctx, sessions[t], d)
			}
		}
	}
	if err := b.warmUp(ctx, servers[:], c.load, c.clients); err != nil {
		return err
	}
	for round := range b.Rounds {
		progress("%s, %d: round %d of %d", c.what, c.clients, round+1, b.Rounds)
		if err := b.compareRound(ctx, c, servers); err != nil {
			return err
		}
	}
	return nil
}

// compareRound measures a cell of both versions. They have the same load at the same time,
// so that other work of the machine affects both alike.
func (b *bench) compareRound(ctx context.Context, c *comparison, servers pair) error {
	var samples [2]sample
	group, ctx := errgroup.WithContext(ctx)
	for i, t := range servers {
		group.Go(func() error {
			before, err := cpuOf(t.cmd.Process.Pid)
			if err != nil {
				return err
			}
			seen, err := c.load(ctx, t, c.clients, 2*b.Duration) // the two servers share the machine
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			after, err := cpuOf(t.cmd.Process.Pid)
			samples[i] = sample{CPU: (after - before).Seconds() * 1e6 / float64(max(seen.Count, 1))}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range c.cells {
		c.cells[i].Rounds = append(c.cells[i].Rounds, samples[i])
	}
	return nil
}

// withCells gives each comparison a cell for each version.
func withCells(list ...*comparison) []*comparison {
	for _, c := range list {
		for i, name := range versionNames {
			c.cells[i] = &cell{Name: name, Clients: c.clients}
		}
	}
	return list
}

func (c *comparison) ratio() spread { return ratio(c.cells[1], c.cells[0], cpu) }

func printComparisons(out io.Writer, o options, all []*comparison) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	printf := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // Flush returns the error
	printf("CPU µs per operation of %s and of the new version; medians of %d rounds, in which both have the same load for %gs, with (least–most).\n\n",
		o.Base, o.Rounds, 2*o.Duration.Seconds())
	printf("operation\tclients\tbase\tnew\tnew / base\t≤ %g\n", compareMost)
	for _, c := range all {
		base, fresh := c.cells[0].spread(cpu), c.cells[1].spread(cpu)
		g := goal{Most: compareMost, Got: c.ratio()}
		printf("%s\t%d\t%s\t%s\t%s\t%s\n", c.what, c.clients, base.text(cpuDigits(base.Median)), fresh.text(cpuDigits(base.Median)), g.Got.text(3), g.verdict())
	}
	return w.Flush()
}

const startsPerRound = 4

// compareStart compares what a start costs, from exec to the first answer, on a new
// data folder and on the same again.
func (b *bench) compareStart(ctx context.Context, binaries [2]string) ([]*comparison, error) {
	list := withCells(
		&comparison{what: "a start with a new data folder", clients: 1},
		&comparison{what: "a start with the data folder of before", clients: 1})
	for round := range b.Rounds {
		progress("starts: round %d of %d", round+1, b.Rounds)
		var used [2][2]time.Duration // by comparison and version
		for turn := range 2 * startsPerRound {
			i := (turn + round) % 2
			data, err := os.MkdirTemp(b.dir, "start-")
			if err != nil {
				return nil, err
			}
			for j := range list {
				took, err := startOnce(ctx, binaries[i], data)
				if err != nil {
					return nil, err
				}
				used[j][i] += took
			}
		}
		for j, c := range list {
			for i := range c.cells {
				c.cells[i].Rounds = append(c.cells[i].Rounds, sample{CPU: used[j][i].Seconds() * 1e6 / startsPerRound})
			}
		}
	}
	return list, nil
}

// startOnce starts a server and returns the CPU time that it has used once it has
// answered.
func startOnce(ctx context.Context, binary, data string) (used time.Duration, err error) {
	t, err := startBinary(ctx, "start", binary, data)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.quit()) }()
	if _, err := once(ctx, t.endpoint, []byte(`{"query":"{ allChannels { id cid type name avatar } }"}`)); err != nil {
		return 0, err
	}
	return cpuOf(t.cmd.Process.Pid)
}

// openSessions opens the same session at both servers. The caller closes what it returns,
// also if it fails.
func openSessions(ctx context.Context, servers pair, o load.Options) (map[*target]*load.Session, error) {
	sessions := map[*target]*load.Session{}
	for _, t := range servers {
		o.URL, o.Token = t.endpoint.URL, t.endpoint.Token
		s, err := load.Open(ctx, o)
		if err != nil {
			return sessions, fmt.Errorf("%s: %w", t.name, err)
		}
		sessions[t] = s
	}
	return sessions, nil
}

func closeSessions(ctx context.Context, sessions map[*target]*load.Session) {
	for t, s := range sessions {
		if err := s.Close(ctx); err != nil {
			progress("closing a session at %s: %v", t.name, err)
		}
	}
}
