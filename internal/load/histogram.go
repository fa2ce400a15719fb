package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	fineBits = 5 // the width of a bucket is at most 1/32 of its value
	buckets  = (40 - fineBits) << fineBits
)

// histogram counts durations in microseconds, within 3 %. It may be added to from
// several goroutines.
type histogram struct {
	counts [buckets]atomic.Int64
	most   atomic.Int64
}

func bucketOf(micros int64) int {
	v := uint64(max(micros, 0))
	e := max(bits.Len64(v)-fineBits-1, 0)
	return min(e<<fineBits+int(v>>e), buckets-1)
}

// top returns the largest value of a bucket.
func top(bucket int) int64 {
	if bucket < 2<<fineBits {
		return int64(bucket)
	}
	e := bucket>>fineBits - 1
	return (int64(bucket-e<<fineBits)+1)<<e - 1
}

func (h *histogram) add(d time.Duration) {
	us := d.Microseconds()
	h.counts[bucketOf(us)].Add(1)
	for {
		old := h.most.Load()
		if us <= old || h.most.CompareAndSwap(old, us) {
			return
		}
	}
}

// Latency has the quantiles of a duration, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

func (h *histogram) latency() Latency {
	most := h.most.Load()
	return Latency{P50: h.percentile(50, most), P99: h.percentile(99, most), Max: float64(most) / 1e3}
}

func (h *histogram) percentile(p int64, most int64) float64 {
	var all int64
	for i := range h.counts {
		all += h.counts[i].Load()
	}
	rank := (all*p + 99) / 100
	var seen int64
	for i := range h.counts {
		if seen += h.counts[i].Load(); seen >= rank && seen > 0 {
			return float64(min(top(i), most)) / 1e3
		}
	}
	return 0
}
