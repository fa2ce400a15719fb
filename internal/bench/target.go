package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is a child process, as the parent sees it.
type target struct {
	name     string
	endpoint endpoint
	cmd      *exec.Cmd
	stdin    io.Closer
	orders   *json.Encoder
	replies  *json.Decoder
}

// launch starts a child with a fresh folder and waits until it is ready.
func (b *bench) launch(ctx context.Context, name string, channels int) (*target, error) {
	dir, err := os.MkdirTemp(b.dir, name+"-")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, childArgument, name, dir, strconv.Itoa(channels))
	cmd.Env, cmd.Stderr = append(plainEnvironment(os.Environ()), b.environment...), os.Stderr
	if b.database != nil {
		cmd.Env = append(cmd.Env, nodeDatabase+"="+b.database())
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &target{name: name, cmd: cmd, stdin: stdin, orders: json.NewEncoder(stdin), replies: json.NewDecoder(stdout)}
	ready, err := t.hear()
	if err != nil {
		return nil, errors.Join(err, t.stop())
	}
	t.endpoint = ready.Endpoint
	return t, nil
}

// launchAll starts the named children; stop ends them.
func (b *bench) launchAll(ctx context.Context, channels int, names ...string) (all []*target, stop func(), err error) {
	stop = func() {
		for _, t := range all {
			if err := t.stop(); err != nil {
				progress("stopping %s: %v", t.name, err)
			}
		}
	}
	for _, name := range names {
		t, err := b.launch(ctx, name, channels)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("starting %s: %w", name, err)
		}
		all = append(all, t)
	}
	return all, stop, nil
}

// plainEnvironment leaves out our server's settings and those of traces, since the defaults are
// measured.
func plainEnvironment(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(s string) bool {
		return strings.HasPrefix(s, "BACKCHANNEL_") || strings.HasPrefix(s, "OTEL_")
	})
}

func (t *target) ask(o order) (reply, error) {
	if err := t.orders.Encode(o); err != nil {
		return reply{}, fmt.Errorf("asking %s: %w", t.name, err)
	}
	return t.hear()
}

func (t *target) hear() (r reply, err error) {
	if err := t.replies.Decode(&r); err != nil {
		return r, fmt.Errorf("hearing from %s: %w", t.name, err)
	}
	if r.Error != "" {
		return r, fmt.Errorf("%s: %s", t.name, r.Error)
	}
	return r, nil
}

func (t *target) stop() error { return errors.Join(t.stdin.Close(), t.cmd.Wait()) }

// workload applies a load to a target.
type workload func(ctx context.Context, t *target, clients int, d time.Duration) (tally, error)

// warmUp applies a load that isn't measured.
func (b *bench) warmUp(ctx context.Context, all []*target, load workload, clients int) error {
	for _, t := range all {
		if _, err := load(ctx, t, clients, min(b.Duration, time.Second)); err != nil {
			return fmt.Errorf("warming up %s: %w", t.name, err)
		}
	}
	return nil
}

// profile returns the file of a profile, "" for none.
func (b *bench) profile(name string) string {
	if b.Profiles == "" {
		return ""
	}
	return filepath.Join(b.Profiles, name)
}

// sampleOf measures one cell of one round.
func (b *bench) sampleOf(ctx context.Context, t *target, load workload, clients int) (s sample, err error) {
	before, err := t.ask(order{Profile: b.profile(fmt.Sprintf("%s-%d", t.name, clients))})
	if err != nil {
		return s, err
	}
	seen, err := load(ctx, t, clients, b.Duration)
	if err != nil {
		return s, fmt.Errorf("%s with %d clients: %w", t.name, clients, err)
	}
	after, err := t.ask(order{})
	if err != nil {
		return s, err
	}
	return newSample(seen, before.Usage, after.Usage), nil
}

// measureRounds measures each target with each number of clients, round by round. Each round begins with
// another target. The cells are ordered by number of clients, then by target.
func (b *bench) measureRounds(ctx context.Context, all []*target, load workload, clients ...int) ([]*cell, error) {
	var cells []*cell
	for _, n := range clients {
		for _, t := range all {
			cells = append(cells, &cell{Name: t.name, Clients: n})
		}
	}
	for round := range b.Rounds {
		progress("%s: round %d of %d", names(all), round+1, b.Rounds)
		for i, n := range clients {
			for j := range all {
				k := (j + round) % len(all)
				s, err := b.sampleOf(ctx, all[k], load, n)
				if err != nil {
					return nil, err
				}
				c := cells[i*len(all)+k]
				c.Rounds = append(c.Rounds, s)
			}
		}
	}
	return cells, nil
}

func names(all []*target) string {
	list := make([]string, len(all))
	for i, t := range all {
		list[i] = t.name
	}
	return strings.Join(list, ", ")
}
