package job

import (
	"context"
	"log/slog"
	"time"
)

// tellAgainEvery is how often a continuing failure is logged.
const tellAgainEvery = time.Minute

// Trouble logs the failures of a task that is retried: a line when it starts to fail, one each
// minute while it fails, and one when it succeeds again. It must be used by one goroutine only.
type Trouble struct {
	Logger *slog.Logger
	Chore  string // the name of the task

	since, told time.Time
}

// Note records the result of an attempt. A failure after ctx has ended is ignored.
func (t *Trouble) Note(ctx context.Context, err error) {
	now := time.Now()
	switch {
	case ctx.Err() != nil:
	case err == nil && !t.since.IsZero():
		t.Logger.Info("a chore succeeds again", "chore", t.Chore, "after", now.Sub(t.since).Round(time.Millisecond))
		t.since, t.told = time.Time{}, time.Time{}
	case err != nil && now.Sub(t.told) >= tellAgainEvery:
		if t.since.IsZero() {
			t.since = now
		}
		t.told = now
		t.Logger.Warn("a chore failed", "chore", t.Chore, "error", err)
	}
}
