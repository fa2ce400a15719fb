package sqlstore

import "time"

// pace has the measurements of the writer's last batch.
type pace struct {
	known int           // jobs in it, and those that were queued when it ended
	took  time.Duration // by it
}

func (p *pace) served(jobs, queued int, took time.Duration) { *p = pace{jobs + queued, took} }

// patience returns how long the next batch may wait for further jobs.
func (p *pace) patience() time.Duration { return min(p.took/4, 5*time.Millisecond) }

// gather takes the queued jobs, and waits briefly for as many as were known at the end of the last
// batch: those that were answered then are sent again soon, and those that were queued are here.
// Without the wait, clients fall into two groups of which one waits for the other's transaction, and
// each of the many small transactions costs nearly as much as a large one. No lock is held during
// the wait.
func (w *writer) gather(batch []*job, patience time.Duration) []*job {
	batch = w.drain(batch)
	if len(batch) >= w.pace.known {
		return batch
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for len(batch) < w.pace.known {
		select {
		case j := <-w.queue:
			batch = append(batch, j)
		case <-late.C:
			return w.drain(batch)
		case <-w.closing:
			return w.drain(batch)
		}
	}
	return batch
}
