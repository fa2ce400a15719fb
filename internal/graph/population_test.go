package graph

import (
	"runtime"
	"testing"
	"time"
)

// nobody is a connection without a peer.
type nobody struct{ _ byte }

func (*nobody) sweep(time.Time) {}
func (*nobody) restart()        {}
func (*nobody) abort()          {}

// What a crowd took to connect is handed back once, not for each who comes later.
func TestMemoryOfACrowdIsHandedBack(t *testing.T) {
	p := &population{limits: liveLimits{total: 2 * crowd, sweep: time.Millisecond}}
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
	eventually(t, func() bool { return forced() == before+1 })
	come(crowd - 1)
	time.Sleep(50 * time.Millisecond)
	if n := forced() - before; n != 1 {
		t.Errorf("memory was handed back %d times", n)
	}
	for _, c := range all {
		p.remove(c, "")
	}
	eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.sweeping
	})
}
