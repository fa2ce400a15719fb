package main

import (
	"context"
	"fmt"
	"time"

	"backchannel/internal/load"
)

const missedMessages = 100_000

// serveMissed runs the real server with a channel that has many messages.
func serveMissed(ctx context.Context, dir string, channels int) (*subject, error) {
	if err := seedMessages(ctx, dir, channels, missedMessages, loopText()); err != nil {
		return nil, err
	}
	return serveDir(ctx, dir)
}

// measureMissed compares delivery of many missed messages to one subscriber with the loop. Delivery of
// new messages to one subscriber is limited by storing them; this load isn't.
func measureMissed(ctx context.Context, b *bench) error {
	all, stop, err := b.launchAll(ctx, 1, "missed", "wire")
	if err != nil {
		return err
	}
	defer stop()
	wire := all[1]
	session, err := load.Open(ctx, load.Options{URL: wire.endpoint.URL, Token: wire.endpoint.Token,
		Writers: 1, Subscribers: 1, Size: liveSize, Raw: wire.endpoint.Raw, Channel: sampleChannelID(0, 1)})
	if err != nil {
		return err
	}
	defer func() { _ = session.Close(ctx) }()
	cells := []*cell{{Name: "ours", Clients: 1}, {Name: "loop", Clients: 1}}
	loads := []workload{catchUp, loopTo(session)}
	for i, load := range loads {
		if err := b.warmUp(ctx, all[i:i+1], load, 1); err != nil {
			return err
		}
	}
	for round := range min(b.Rounds, liveRounds) {
		progress("delivery to one of what it missed: round %d", round+1)
		for j := range cells {
			i := (j + round) % len(cells)
			s, err := b.sampleOf(ctx, all[i], loads[i], 1)
			if err != nil {
				return err
			}
			cells[i].Rounds = append(cells[i].Rounds, s)
		}
	}
	b.report.add(section{
		Title: fmt.Sprintf("delivery to one subscriber of %d messages that it missed; an operation is a delivery", missedMessages),
		Cells: cells,
	}, goal{
		What: "delivery to 1 of what it missed, deliveries/s of ours / loop", Least: 1, Got: ratio(cells[0], cells[1], perSecond),
	})
	return nil
}

// catchUp is a workload: a subscriber that reads all messages from the first one on.
func catchUp(ctx context.Context, t *target, _ int, _ time.Duration) (tally, error) {
	took, err := load.CatchUp(ctx, load.Options{
		URL: t.endpoint.URL, Token: t.endpoint.Token, Size: liveSize, Channel: sampleChannelID(0, 1)}, missedMessages)
	return tally{Count: missedMessages, Elapsed: took}, err
}
