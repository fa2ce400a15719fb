package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"backchannel/internal/load"
)

const (
	growthMost      = 1.2
	growthAudience  = 200
	growthClients   = 16
	growthTolerance = 0.2
)

var growthSizes = []int{100, 1_000, 10_000, 100_000} // channels, with ten times as many messages

// growthCost is one operation's cost over the sizes.
type growthCost struct {
	what  string
	cells []*cell
}

// measureGrowth measures what each operation costs as the database grows.
func measureGrowth(ctx context.Context, b *bench) error {
	var all []*target
	sessions := map[*target]*load.Session{}
	defer func() {
		for _, t := range all {
			if s := sessions[t]; s != nil {
				_ = s.Close(ctx) // the server goes next
			}
			if err := t.stop(); err != nil {
				progress("stopping %s: %v", t.name, err)
			}
		}
	}()
	for _, n := range growthSizes {
		progress("filling a database with %d channels and %d messages", n, n*messagesPerChannel)
		t, err := b.launch(ctx, "grown", n)
		if err != nil {
			return err
		}
		t.name = fmt.Sprintf("%d:%d", n*messagesPerChannel, n)
		all = append(all, t)
		s, err := load.Open(ctx, load.Options{
			URL: t.endpoint.URL, Token: t.endpoint.Token, Writers: liveWriters, Subscribers: growthAudience, Size: liveSize})
		if err != nil {
			return err
		}
		sessions[t] = s
	}
	operations := []struct {
		what    string
		load    workload
		clients int
	}{
		{"a page of messages", readLoad(map[string]string{"": messagesQuery}), readingClients},
		{"a page of channels", readLoad(map[string]string{"": channelsQuery}), readingClients},
		{"a send", send, growthClients},
		{fmt.Sprintf("a delivery to %d", growthAudience), func(ctx context.Context, t *target, _ int, d time.Duration) (tally, error) {
			return runSession(ctx, sessions[t], d)
		}, growthAudience},
	}
	var costs []growthCost
	for _, o := range operations {
		if err := b.warmUp(ctx, all, o.load, o.clients); err != nil {
			return err
		}
		cells, err := b.measureRounds(ctx, all, o.load, o.clients)
		if err != nil {
			return err
		}
		costs = append(costs, growthCost{what: o.what, cells: cells})
		b.report.add(section{Title: "the cost of " + o.what + " as the database grows; server: messages:channels", Cells: cells},
			goal{What: "CPU of " + o.what + ", 1,000,000 messages and 100,000 channels / 1,000 and 100", Most: growthMost,
				Got: ratio(cells[len(cells)-1], cells[0], cpu)})
	}
	if b.Plot == "" {
		return nil
	}
	return os.WriteFile(b.Plot, plotGrowth(costs), 0o644)
}
