package sqlstore

import "time"

// pace has the measurements of the writer's last two batches.
type pace struct {
	last, before int           // jobs in them
	took         time.Duration // by the last
}

func (p *pace) served(jobs int, took time.Duration) {
	p.last, p.before, p.took = jobs, p.last, took
}

// patience returns how long the next batch may wait for further jobs.
func (p *pace) patience() time.Duration { return min(p.took/4, 5*time.Millisecond) }

// gather takes the queued jobs, and waits briefly for as many jobs as came before. Clients that
// were answered after the same commit send again shortly after each other: without the wait, the
// first would get a transaction of its own, for which the others would wait. No lock is held during
// the wait.
func (w *writer) gather(batch []*job, patience time.Duration) []*job {
	batch = w.drain(batch)
	want := max(w.pace.last, w.pace.before)
	if len(batch) >= want {
		return batch
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for len(batch) < want {
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
