package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

const (
	listedChannels = 10_000
	listingClients = 2
	listingLimit   = 1.5
)

// measureListing compares allChannels with a handler that returns the same bytes.
func measureListing(ctx context.Context, b *bench) error {
	all, stop, err := b.launchAll(ctx, listedChannels, "ours", "list")
	if err != nil {
		return err
	}
	defer stop()
	body, err := json.Marshal(map[string]string{"query": `{ allChannels { id cid type name avatar } }`})
	if err != nil {
		return err
	}
	want, err := sameAnswer(ctx, all, body)
	if err != nil {
		return err
	}
	load := func(ctx context.Context, t *target, clients int, d time.Duration) (tally, error) {
		return postFor(ctx, t.endpoint, slices.Repeat([][]byte{body}, clients), want, d)
	}
	if err := b.warmUp(ctx, all, load, listingClients); err != nil {
		return err
	}
	cells, err := b.measureRounds(ctx, all, load, listingClients)
	if err != nil {
		return err
	}
	b.report.add(section{
		Title: fmt.Sprintf("allChannels: %d channels of five fields in %d bytes", listedChannels, len(want)),
		Cells: cells,
	}, goal{
		What: "allChannels, CPU of ours / list", Most: listingLimit, Got: ratio(cells[0], cells[1], cpu),
	})
	return nil
}

// sameAnswer returns what every target answers.
func sameAnswer(ctx context.Context, all []*target, body []byte) ([]byte, error) {
	var want []byte
	for _, t := range all {
		got, err := once(ctx, t.endpoint, body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			return nil, fmt.Errorf("%s answers %.300q and %s answers %.300q", all[0].name, want, t.name, got)
		}
	}
	return want, nil
}
