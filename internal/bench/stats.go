package main

import (
	"math"
	"slices"
	"time"
)

// tally is what the clients of one cell measured.
type tally struct {
	Count    int
	Elapsed  time.Duration
	P50, P99 time.Duration
	Most     time.Duration
}

// usage is what a process has used since its start.
type usage struct {
	CPU    time.Duration // user and system
	Bytes  uint64        // allocated on the heap
	Allocs uint64
}

// sample is one cell of one round.
type sample struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	CPU       float64 `json:"cpu_us"` // of the server, per operation, as are the next two
	Bytes     float64 `json:"bytes"`
	Allocs    float64 `json:"allocs"`
}

func newSample(t tally, before, after usage) sample {
	n := float64(t.Count)
	return sample{
		PerSecond: n / t.Elapsed.Seconds(),
		P50:       milliseconds(t.P50),
		P99:       milliseconds(t.P99),
		CPU:       (after.CPU - before.CPU).Seconds() * 1e6 / n,
		Bytes:     float64(after.Bytes-before.Bytes) / n,
		Allocs:    float64(after.Allocs-before.Allocs) / n,
	}
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// percentile returns the smallest value that at least p per cent of the values don't
// exceed, 0 if there is none. The values must be sorted.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// spread is a figure over the rounds.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spreadOf needs at least one value.
func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	median := sorted[half]
	if len(sorted)%2 == 0 {
		median = (sorted[half-1] + sorted[half]) / 2
	}
	return spread{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// figure selects one figure of a sample.
type figure func(sample) float64

func perSecond(s sample) float64 { return s.PerSecond }
func cpu(s sample) float64       { return s.CPU }

// cell is one server under one load, with a sample for each round.
type cell struct {
	Name    string   `json:"name"`
	Clients int      `json:"clients"`
	Rounds  []sample `json:"rounds"`
}

func (c *cell) spread(f figure) spread {
	values := make([]float64, len(c.Rounds))
	for i, s := range c.Rounds {
		values[i] = f(s)
	}
	return spreadOf(values)
}

// ratio compares two cells round by round.
func ratio(a, b *cell, f figure) spread {
	values := make([]float64, len(a.Rounds))
	for i := range a.Rounds {
		values[i] = f(a.Rounds[i]) / f(b.Rounds[i])
	}
	return spreadOf(values)
}
