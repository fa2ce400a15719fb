package main

import (
	"context"
	"errors"
	"fmt"

	"backchannel/internal/pgtest"
)

// measureLimits measures what one node can do on SQLite and on PostgreSQL, as multiples of floors on the
// same database.
func measureLimits(ctx context.Context, b *bench) (err error) {
	s := &stage{ctx: ctx, dir: b.dir}
	defer func() { err = errors.Join(err, s.end(recover())) }()
	postgres, databases := pgtest.OpenCluster(s), 0
	if err := b.limits(ctx, "SQLite"); err != nil {
		return err
	}
	b.database = func() string {
		databases++
		return s.database(postgres, fmt.Sprintf("limits_%d", databases))
	}
	defer func() { b.database = nil }()
	return b.limits(ctx, "PostgreSQL")
}

func (b *bench) limits(ctx context.Context, on string) error {
	all, stop, err := b.launchAll(ctx, mostClients, "ours", "bare")
	if err != nil {
		return err
	}
	cells, err := b.limitOfSending(ctx, all)
	stop()
	if err != nil {
		return err
	}
	b.report.add(section{Title: "one node on " + on + ": sendMessageToChannel; bare is net/http and encoding/json over the same writer", Cells: cells},
		goal{What: fmt.Sprintf("one node on %s: messages/s at %d clients, ours / bare", on, mostClients), Got: ratio(cells[0], cells[1], perSecond)})
	delivered, err := b.measureDelivery(ctx, 0, livePublic, manyAudience)
	if err != nil {
		return err
	}
	for _, pair := range delivered {
		ours, bare := pair[0], pair[1]
		who := fmt.Sprintf("one node on %s, %d subscribers: ", on, ours.Clients)
		b.report.add(section{Title: who + "delivery as fast as it goes, sending included; bare stores the same and writes the frames to raw TCP connections, loop only writes",
			Cells: []*cell{ours.cell, bare.cell, bare.loop}},
			goal{What: who + "deliveries/s, ours / loop", Got: ratio(ours.cell, bare.loop, perSecond)},
			goal{What: who + "deliveries/s, ours / bare", Got: ratio(ours.cell, bare.cell, perSecond)},
			goal{What: who + "memory of an idle one, ours / bare", Got: spreadOf(quotients(ours.idle, bare.idle))})
	}
	return nil
}

func (b *bench) limitOfSending(ctx context.Context, all []*target) ([]*cell, error) {
	if err := b.warmUp(ctx, all, send, mostClients); err != nil {
		return nil, err
	}
	return b.measureRounds(ctx, all, send, mostClients)
}
