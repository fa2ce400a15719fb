package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"backchannel/internal/load"
)

const (
	liveWriters   = 16
	liveSize      = 200
	liveRate      = 20 // messages/s of the cells that time delivery
	livePublic    = 1000
	manyAudience  = 10_000
	liveRounds    = 5    // at most; each needs a new server
	manyRounds    = 2    // at most, with the largest audience: connecting takes time
	pacedRounds   = 3    // at most, of the cells that time delivery
	pacedLonger   = 10   // how many times longer each of those is: a tail shows only in hundreds of messages
	lastMost      = 17   // ms from answer to last subscriber, p99
	idleLimit     = 10   // kB
	listenedLeast = 0.70 // of floor A, while others listen
)

var audiences = []int{1, livePublic, manyAudience}

// liveCell is a cell of delivery.
type liveCell struct {
	*cell
	subject string
	rate    float64
	loop    *cell     // of the floor: its loop alone, on the same connections
	bytes   []float64 // of a frame
	idle    []float64 // kB per idle subscriber
}

// measureLive compares delivery with a loop that writes the same frames, and
// sending while others listen with floor A.
func measureLive(ctx context.Context, b *bench) error {
	loaded, err := b.measureDelivery(ctx, 0, audiences...)
	if err != nil {
		return err
	}
	paced, err := b.measureDelivery(ctx, liveRate, livePublic)
	if err != nil {
		return err
	}
	full := section{Title: fmt.Sprintf("delivery, as fast as it goes: %d clients post messages of %d bytes, %d at most under way; an operation is a delivery, sending included.\n"+
		"bare stores them the same and writes the frames one by one to as many raw TCP connections; loop only writes. Times: answer to last subscriber. At most %d rounds, and %d of the largest.", liveWriters, liveSize, liveWindow, liveRounds, manyRounds)}
	for _, pair := range loaded {
		ours, bare := pair[0], pair[1]
		full.Cells = append(full.Cells, ours.cell, bare.cell, bare.loop)
		who := fmt.Sprintf("delivery to %d, ", ours.Clients)
		b.report.add(section{},
			goal{What: who + "deliveries/s of ours / loop", Least: loopGoal(ours.Clients), Got: ratio(ours.cell, bare.loop, perSecond)},
			goal{What: who + "deliveries/s of ours / bare", Got: ratio(ours.cell, bare.cell, perSecond)},
			goal{What: who + "CPU µs per delivery of ours", Got: ours.spread(cpu)},
			goal{What: who + "CPU of ours / loop", Got: ratio(ours.cell, bare.loop, cpu)},
			goal{What: who + "bytes of a frame of ours / bare", Got: spreadOf(quotients(ours.bytes, bare.bytes))},
			goal{What: who + "kB per idle subscriber (VmRSS)", Most: idleGoal(ours.Clients), Got: spreadOf(ours.idle)})
	}
	b.report.add(full)
	ours, bare := paced[0][0], paced[0][1]
	b.report.add(section{
		Title: fmt.Sprintf("delivery of %d messages/s; times: answer to last subscriber. At most %d rounds, each %d times as long", liveRate, pacedRounds, pacedLonger),
		Cells: []*cell{ours.cell, bare.cell},
	}, goal{
		What: fmt.Sprintf("delivery to %d at %d messages/s, p99 ms from answer to last subscriber", livePublic, liveRate), Most: lastMost,
		Got: ours.spread(func(s sample) float64 { return s.P99 }),
	}, goal{
		What: "the same, p99 of ours / bare", Got: ratio(ours.cell, bare.cell, func(s sample) float64 { return s.P99 }),
	})
	return b.measureListened(ctx)
}

// loopGoal is a goal only for more than one subscriber. With one, each delivery waits until its message
// is stored, which the loop needn't do; measureMissed measures delivery to one subscriber.
func loopGoal(audience int) float64 {
	if audience == 1 {
		return 0
	}
	return 1
}

// idleGoal is a goal for the largest audience only: with few subscribers, the server's own memory counts
// too much.
func idleGoal(audience int) float64 {
	if audience == manyAudience {
		return idleLimit
	}
	return 0
}

func quotients(a, b []float64) []float64 {
	list := make([]float64, len(a))
	for i := range a {
		list[i] = a[i] / b[i]
	}
	return list
}

// measureDelivery measures our server and the floor with each audience, in turns.
func (b *bench) measureDelivery(ctx context.Context, rate float64, audiences ...int) (pairs [][2]*liveCell, err error) {
	for _, n := range audiences {
		rounds := min(b.Rounds, liveRounds)
		if n == manyAudience {
			rounds = min(rounds, manyRounds)
		}
		if rate > 0 {
			rounds = min(rounds, pacedRounds)
		}
		pair := [2]*liveCell{
			{cell: &cell{Name: "ours", Clients: n}, subject: "ours", rate: rate},
			{cell: &cell{Name: "bare", Clients: n}, subject: "wire", rate: rate, loop: &cell{Name: "loop", Clients: n}},
		}
		for round := range rounds {
			progress("delivery to %d: round %d of %d", n, round+1, rounds)
			for i := range pair {
				if err := b.deliverOnce(ctx, pair[(i+round)%2]); err != nil {
					return nil, fmt.Errorf("%s to %d: %w", pair[(i+round)%2].Name, n, err)
				}
			}
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}

const (
	liveWindow = 64
	idleTime   = 2 * time.Second // for the server to return the memory that connecting took
)

// deliverOnce measures a cell on a new server.
func (b *bench) deliverOnce(ctx context.Context, c *liveCell) (err error) {
	t, err := b.launch(ctx, c.subject, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	empty, _ := load.ProcessUsage(t.cmd.Process.Pid) // zero on other systems than Linux
	session, err := load.Open(ctx, load.Options{
		URL: t.endpoint.URL, Token: t.endpoint.Token, Writers: liveWriters, Subscribers: c.Clients,
		Rate: c.rate, Size: liveSize, Window: liveWindow, Raw: t.endpoint.Raw, Channel: sampleChannelID(0, 1)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close(ctx)) }()
	time.Sleep(idleTime)
	full, _ := load.ProcessUsage(t.cmd.Process.Pid)
	c.idle = append(c.idle, float64(full.RSS-empty.RSS)/1e3/float64(c.Clients))
	warm, longer := b.Duration/5, time.Duration(1)
	if c.rate > 0 {
		warm, longer = b.Duration, pacedLonger
	}
	if _, err := session.Run(ctx, warm); err != nil {
		return err
	}
	s, err := b.sampleOf(ctx, t, func(ctx context.Context, _ *target, _ int, d time.Duration) (tally, error) {
		return runSession(ctx, session, longer*d)
	}, c.Clients)
	if err != nil {
		return err
	}
	c.Rounds = append(c.Rounds, s)
	c.bytes = append(c.bytes, float64(session.Audience().Bytes())/float64(session.Audience().Deliveries()))
	if c.loop == nil || c.rate > 0 {
		return nil
	}
	s, err = b.sampleOf(ctx, t, loopTo(session), c.Clients)
	c.loop.Rounds = append(c.loop.Rounds, s)
	return err
}

// loopTo is a workload: the floor's loop writes to the subscribers of a session.
func loopTo(session *load.Session) workload {
	return func(ctx context.Context, t *target, clients int, d time.Duration) (tally, error) {
		before := session.Audience().Deliveries()
		r, err := t.ask(order{Clients: clients, Time: d})
		if err == nil {
			err = awaitDeliveries(ctx, session.Audience(), before+int64(r.Tally.Count))
		}
		return r.Tally, err
	}
}

// runSession applies a load whose operations are deliveries.
func runSession(ctx context.Context, session *load.Session, d time.Duration) (tally, error) {
	r, err := session.Run(ctx, d)
	if err == nil && r.Missed+r.Repeated+r.Closed != 0 {
		err = fmt.Errorf("%d deliveries missed, %d repeated, %d subscribers gone: %s", r.Missed, r.Repeated, r.Closed, r.Why)
	}
	return tally{
		Count:   int(r.Deliveries),
		Elapsed: time.Duration(float64(r.Deliveries) / max(r.DeliveriesPerSecond, 1e-9) * float64(time.Second)),
		P50:     time.Duration(r.LastFromAnswer.P50 * float64(time.Millisecond)),
		P99:     time.Duration(r.LastFromAnswer.P99 * float64(time.Millisecond)),
	}, err
}

func awaitDeliveries(ctx context.Context, a *load.Audience, n int64) error {
	for limit := time.Now().Add(patience); a.Deliveries() < n; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil || time.Now().After(limit) {
			return errors.Join(fmt.Errorf("%d of %d frames have come", a.Deliveries(), n), a.Err())
		}
	}
	return nil
}

// measureListened compares sending, while many listen to another channel, with
// floor A.
func (b *bench) measureListened(ctx context.Context) error {
	all, stop, err := b.launchAll(ctx, mostClients, "ours", "bare")
	if err != nil {
		return err
	}
	defer stop()
	session, err := load.Open(ctx, load.Options{
		URL: all[0].endpoint.URL, Token: all[0].endpoint.Token, Writers: 1, Subscribers: livePublic, Size: liveSize})
	if err != nil {
		return err
	}
	defer func() { _ = session.Close(ctx) }()
	if err := b.warmUp(ctx, all, send, mostClients); err != nil {
		return err
	}
	cells, err := b.measureRounds(ctx, all, send, mostClients)
	if err != nil {
		return err
	}
	b.report.add(section{
		Title: fmt.Sprintf("sendMessageToChannel while %d subscribers listen to another channel of ours; bare is floor A, to which nobody listens", livePublic),
		Cells: cells,
	}, goal{
		What: fmt.Sprintf("sending at 64 clients while %d listen elsewhere, messages/s of ours / bare", livePublic), Least: listenedLeast,
		Got: ratio(cells[0], cells[1], perSecond),
	})
	return nil
}
