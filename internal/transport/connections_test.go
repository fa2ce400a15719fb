package transport

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// nobody is a connection without a peer.
type nobody struct{ _ byte }

func (*nobody) sweep(context.Context, time.Time, time.Duration) {}
func (*nobody) restart()                                        {}
func (*nobody) abort()                                          {}

// wait waits until done reports true, far longer than it takes on a busy machine.
func wait(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := poll(ctx, done); err != nil {
		t.Fatal("it did not happen in time")
	}
}

// The memory that many clients took to connect is returned once, not for each later client.
func TestMemoryOfACrowdIsHandedBack(t *testing.T) {
	p := &connections{limits: liveLimits{Total: 2 * crowd, Sweep: time.Millisecond}}
	var all []*nobody
	come := func(n int) {
		for range n {
			c := &nobody{}
			if err := p.add(c); err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
	}
	forced := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	before := forced()
	come(crowd)
	wait(t, func() bool { return forced() == before+1 })
	come(crowd - 1)
	time.Sleep(50 * time.Millisecond)
	if n := forced() - before; n != 1 {
		t.Errorf("memory was handed back %d times", n)
	}
	for _, c := range all {
		p.remove(c, "")
	}
	wait(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.sweeping
	})
}

func TestLateness(t *testing.T) {
	t.Parallel()
	const every = 500 * time.Millisecond
	begin := time.Now()
	for _, row := range []struct {
		what string
		now  time.Time
		want time.Duration
	}{
		{"in time", begin.Add(every), 0},
		{"on a busy machine", begin.Add(every + time.Second), 0},
		{"after the process was stopped for a minute", begin.Add(every + time.Minute), time.Minute},
		{"after a suspended machine, whose clock jumps", begin.Round(0).Add(every + time.Minute), time.Minute},
		{"after the clock was set back", begin.Round(0).Add(-time.Hour), 0},
	} {
		if got := lateness(begin, row.now, every); got != row.want {
			t.Errorf("%s: got %s, want %s", row.what, got, row.want)
		}
	}
}
