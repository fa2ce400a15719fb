package sqlstore

import (
	"testing"
	"time"
)

// A batch waits for as many jobs as the last one had and left in the queue, no longer than a part of
// what the last one took, and not if only one client writes.
func TestGather(t *testing.T) {
	for _, row := range []struct {
		what            string
		served, waiting int           // jobs in the last batch, and queued when it ended
		queued, late    int           // jobs beside the first: queued before, and while it waits
		patience        time.Duration // an hour: the test would time out
		want            int
	}{
		{"the first of all", 0, 0, 0, 0, time.Hour, 1},
		{"a lone client", 1, 0, 0, 0, time.Hour, 1},
		{"all that were answered send again", 4, 0, 0, 3, time.Hour, 4},
		{"two groups become one", 4, 4, 3, 4, time.Hour, 8},
		{"the first of them had a batch of its own", 1, 3, 2, 1, time.Hour, 4},
		{"more are queued than were known", 2, 0, 5, 0, time.Hour, 6},
		{"one has gone", 4, 0, 2, 0, time.Millisecond, 3},
	} {
		t.Run(row.what, func(t *testing.T) {
			w := &writer{queue: make(chan *job, maxQueue), closing: make(chan struct{})}
			w.pace.served(row.served, row.waiting, time.Second)
			for range row.queued {
				w.queue <- &job{}
			}
			go func() {
				for range row.late {
					w.queue <- &job{}
				}
			}()
			if got := len(w.gather([]*job{{}}, row.patience)); got != row.want {
				t.Errorf("%d jobs, want %d", got, row.want)
			}
		})
	}
	for took, want := range map[time.Duration]time.Duration{4 * time.Millisecond: time.Millisecond, time.Minute: 5 * time.Millisecond} {
		var p pace
		p.served(7, 0, took)
		if got := p.patience(); got != want {
			t.Errorf("after %v: %v, want %v", took, got, want)
		}
	}
}

// A store that is closed doesn't wait for more.
func TestGatherAtTheEnd(t *testing.T) {
	w := &writer{queue: make(chan *job, maxQueue), closing: make(chan struct{}), pace: pace{known: 9}}
	close(w.closing)
	if got := len(w.gather([]*job{{}}, time.Hour)); got != 1 {
		t.Errorf("%d jobs, want 1", got)
	}
}
