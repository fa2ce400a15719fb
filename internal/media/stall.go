package media

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errStalled = errors.New("the folder or bucket of the files doesn't answer")

// hastyTime is the time limit of a step while the last one was given up, so that those who wait for
// each other don't wait too long.
const hastyTime = 2 * time.Second

// watchdog gives up an operation on the files, one of whose steps doesn't end in time. The clouds'
// clients wait without end.
type watchdog struct {
	vault  *vault
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// watch returns a context for an operation, which the watchdog cancels.
func (v *vault) watch(ctx context.Context) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watchdog{v, ctx, cancel}
}

func (d *watchdog) end() { d.cancel(nil) }

// step runs a step of the operation.
func (d *watchdog) step(fn func() error) error {
	err := d.buffered(fn)
	if d.ctx.Err() == nil {
		d.vault.failing.Store(false)
	}
	return err
}

// buffered is like step for one that may end without an answer of the cloud.
func (d *watchdog) buffered(fn func() error) error {
	limit := d.vault.stall
	if d.vault.failing.Load() {
		limit = min(limit, hastyTime)
	}
	timer := time.AfterFunc(limit, func() { d.cancel(errStalled) })
	err := fn()
	timer.Stop()
	if err != nil && errors.Is(context.Cause(d.ctx), errStalled) {
		d.vault.failing.Store(true)
		return fmt.Errorf("%w: %w", errStalled, err)
	}
	return err
}

// once runs an operation of one step.
func (v *vault) once(ctx context.Context, fn func(ctx context.Context) error) error {
	ctx, dog := v.watch(ctx)
	defer dog.end()
	return dog.step(func() error { return fn(ctx) })
}
