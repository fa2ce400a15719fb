package engine

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/job"
	"backchannel/internal/sqlstore"
)

// rowsAtOnce is the number of rows of jobs that are done concurrently: enough to share
// transactions, and few compared with requests.
const rowsAtOnce = 8

// newRunner returns the runner of the engine's jobs. It also empties the bin and applies retention,
// so that one server at a time does each.
func (e *Engine) newRunner(o Options) *job.Runner {
	return job.New(job.Options{
		Store: o.Store, Provider: e, AtOnce: rowsAtOnce, Clock: e.now, Time: e.agreed, Logger: o.Logger, Metrics: o.Metrics,
		Change: func(ctx context.Context, op chat.Operation, fn func(*sqlstore.Tx) (string, error)) (string, error) {
			return e.change(ctx, chat.CID{}, op, fn)
		},
		Chores: []job.Chore{
			{Name: "finishing what was cut short", Every: finishEvery, Do: e.finishOthers},
			{Name: "erasing old channels of the bin", Every: sweepEvery, Do: e.SweepBin},
			{Name: "forgetting what is old", Every: forgetEvery, Do: e.forget},
		},
	})
}
