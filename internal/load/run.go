package load

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Result is the result of a run.
type Result struct {
	Seconds    float64 `json:"seconds"`        // duration of sending
	Settle     float64 `json:"settle_seconds"` // until the last message had reached all subscribers
	Sends      int64   `json:"sends"`
	Deliveries int64   `json:"deliveries"`

	SendsPerSecond      float64 `json:"sends_per_second"`
	DeliveriesPerSecond float64 `json:"deliveries_per_second"` // including the time to settle

	Send           Latency `json:"send"`                 // of a mutation, from start to answer
	FromAnswer     Latency `json:"delivery_from_answer"` // to each subscriber; 0 if it arrived before the answer
	FromStart      Latency `json:"delivery_from_start"`  // to each subscriber
	LastFromAnswer Latency `json:"last_from_answer"`     // to the last subscriber of each message
	LastFromStart  Latency `json:"last_from_start"`

	Missed   int64  `json:"missed"`
	Repeated int64  `json:"repeated"`
	Closed   int64  `json:"closed"`        // subscribers that lost their connections
	Why      string `json:"why,omitempty"` // error of the first of them
}

// Run sends messages for the given time and then waits until all are delivered.
func (s *Session) Run(ctx context.Context, d time.Duration) (r Result, err error) {
	b := newBoard(s.options.Subscribers, s.options.Window)
	s.audience.board.Store(b)
	delivered, missed, repeated := s.audience.deliveries.Load(), s.audience.missed.Load(), s.audience.repeated.Load()
	posters, err := s.posters(ctx)
	if err != nil {
		return r, err
	}
	begin := time.Now()
	if err := s.send(ctx, posters, b, begin, d); err != nil {
		return r, err
	}
	sent := time.Since(begin)
	s.settled(ctx, b)
	all := time.Since(begin)
	b.close()
	r = Result{
		Seconds: sent.Seconds(), Settle: (all - sent).Seconds(),
		Sends: b.next.Load(), Deliveries: s.audience.deliveries.Load() - delivered,
		Send: b.sending.latency(), FromAnswer: b.fromAnswer.latency(), FromStart: b.fromStart.latency(),
		LastFromAnswer: b.lastFromAnswer.latency(), LastFromStart: b.lastFromStart.latency(),
		Repeated: s.audience.repeated.Load() - repeated, Closed: s.audience.closed.Load(),
	}
	// Messages missing at the end leave no gap in the seqs.
	r.Missed = max(s.audience.missed.Load()-missed, r.Sends*int64(s.options.Subscribers)+r.Repeated-r.Deliveries)
	r.SendsPerSecond = float64(r.Sends) / r.Seconds
	r.DeliveriesPerSecond = float64(r.Deliveries) / all.Seconds()
	if gone := s.audience.Err(); gone != nil {
		r.Why = gone.Error()
	}
	return r, ctx.Err()
}

// posters opens the writers' connections.
func (s *Session) posters(ctx context.Context) ([]*poster, error) {
	list := make([]*poster, s.options.Writers)
	for i := range list {
		p, err := s.client.poster(ctx)
		if err != nil {
			for _, open := range list[:i] {
				open.close()
			}
			return nil, err
		}
		list[i] = p
	}
	return list, nil
}

// send makes the writers send for the given time.
func (s *Session) send(ctx context.Context, posters []*poster, b *board, begin time.Time, d time.Duration) error {
	ctx, cancel := context.WithDeadline(ctx, begin.Add(d))
	defer cancel()
	turns := make(chan struct{}) // each value is one message to send
	errs := make([]error, len(posters))
	var all sync.WaitGroup
	for i, p := range posters {
		all.Go(func() {
			defer p.close()
			for {
				select {
				case <-ctx.Done():
					return
				case <-turns:
				}
				if errs[i] = s.post(p, b); errs[i] != nil {
					cancel()
					return
				}
			}
		})
	}
	s.pace(ctx, b, begin, turns)
	all.Wait()
	return errors.Join(errs...)
}

// pace gives turns to the writers: at the given rate or, without one, Window turns at first and
// another for each message that all subscribers have.
func (s *Session) pace(ctx context.Context, b *board, begin time.Time, turns chan<- struct{}) {
	for k := 0; ; k++ {
		switch {
		case s.options.Rate > 0:
			due := begin.Add(time.Duration(float64(k) / s.options.Rate * float64(time.Second)))
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(due)):
			}
		case k >= s.options.Window:
			select {
			case <-ctx.Done():
				return
			case <-b.done:
			}
		}
		select {
		case <-ctx.Done():
			return
		case turns <- struct{}{}:
		}
	}
}
