package main

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, row := range []struct {
		name   string
		values []time.Duration
		p      float64
		want   time.Duration
	}{
		{"of nothing is 0", nil, 50, 0},
		{"of one value is that value", []time.Duration{7}, 99, 7},
		{"50 of an even number is the lower middle", []time.Duration{1, 2, 3, 4}, 50, 2},
		{"50 of an odd number is the middle", []time.Duration{1, 2, 9}, 50, 2},
		{"99 of a hundred is the last but one", hundred, 99, 99},
		{"100 is the last", hundred, 100, 100},
		{"0 is the first", hundred, 0, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := percentile(row.values, row.p); got != row.want {
				t.Errorf("got %d, want %d", got, row.want)
			}
		})
	}
}

func TestSpread(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []float64
		want   spread
	}{
		{"of one value", []float64{3}, spread{3, 3, 3}},
		{"of an odd number has the middle one", []float64{9, 1, 4}, spread{4, 1, 9}},
		{"of an even number has the mean of the middle two", []float64{9, 1, 4, 6}, spread{5, 1, 9}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := spreadOf(row.values); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestRatioIsTakenWithinARound(t *testing.T) {
	ours := &cell{Rounds: []sample{{PerSecond: 50}, {PerSecond: 90}, {PerSecond: 8}}}
	floor := &cell{Rounds: []sample{{PerSecond: 100}, {PerSecond: 100}, {PerSecond: 10}}}
	want := spread{Median: 0.8, Min: 0.5, Max: 0.9}
	if got := ratio(ours, floor, perSecond); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSampleIsPerOperation(t *testing.T) {
	seen := tally{Count: 1000, Elapsed: 2 * time.Second, P50: time.Millisecond, P99: 4 * time.Millisecond}
	before := usage{CPU: time.Second, Bytes: 500, Allocs: 50}
	after := usage{CPU: time.Second + 90*time.Millisecond, Bytes: 4_000_500, Allocs: 7_050}
	want := sample{PerSecond: 500, P50: 1, P99: 4, CPU: 90, Bytes: 4000, Allocs: 7}
	if got := newSample(seen, before, after); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
