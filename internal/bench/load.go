package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// operation is what one client repeats.
type operation func() error

// drive runs all clients at the same time; each repeats its operation for a while.
func drive(clients []operation, d time.Duration) (tally, error) {
	times := make([][]time.Duration, len(clients))
	errs := make([]error, len(clients))
	begin := time.Now()
	var all sync.WaitGroup
	for i, do := range clients {
		all.Go(func() { times[i], errs[i] = repeat(do, begin.Add(d)) })
	}
	all.Wait()
	t := tally{Elapsed: time.Since(begin)}
	for _, err := range errs {
		if err != nil {
			return t, err
		}
	}
	sorted := slices.Concat(times...)
	slices.Sort(sorted)
	t.Count, t.P50, t.P99, t.Most = len(sorted), percentile(sorted, 50), percentile(sorted, 99), percentile(sorted, 100)
	return t, nil
}

func repeat(do operation, until time.Time) ([]time.Duration, error) {
	var times []time.Duration
	for last := time.Now(); last.Before(until); {
		if err := do(); err != nil {
			return nil, err
		}
		now := time.Now()
		times = append(times, now.Sub(last))
		last = now
	}
	return times, nil
}

// patience is how long an answer may take beyond the time of its cell.
const patience = 30 * time.Second

// postFor posts to a server for a while, with one client for each body. Each time the answer must be the
// same.
func postFor(ctx context.Context, e endpoint, bodies [][]byte, want []byte, d time.Duration) (tally, error) {
	var clients []operation
	var opened []*connection
	defer func() {
		for _, c := range opened {
			c.close()
		}
	}()
	for _, body := range bodies {
		c, err := connect(ctx, e, body, want, d+patience)
		if err != nil {
			return tally{}, err
		}
		opened, clients = append(opened, c), append(clients, c.post)
	}
	return drive(clients, d)
}

// once posts one body and returns the answer.
func once(ctx context.Context, e endpoint, body []byte) ([]byte, error) {
	c, err := connect(ctx, e, body, nil, patience)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.exchange()
}
