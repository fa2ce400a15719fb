package job

import (
	"context"
	"log/slog"
	"time"
)

// tellAgainEvery is how often the log repeats that something still fails.
const tellAgainEvery = time.Minute

// Trouble logs the failures of something that is tried again and again: a line when it
// begins to fail, one each minute while it does, and one when it is over. One goroutine
// uses it.
type Trouble struct {
	Logger *slog.Logger
	Chore  string // what is done

	since, told time.Time
}

// Note notes how a try ended. A failure after ctx has ended is none.
func (t *Trouble) Note(ctx context.Context, err error) {
	now := time.Now()
	switch {
	case ctx.Err() != nil:
	case err == nil && !t.since.IsZero():
		t.Logger.Info("a chore goes on", "chore", t.Chore, "after", now.Sub(t.since).Round(time.Millisecond))
		t.since, t.told = time.Time{}, time.Time{}
	case err != nil && now.Sub(t.told) >= tellAgainEvery:
		if t.since.IsZero() {
			t.since = now
		}
		t.told = now
		t.Logger.Warn("a chore failed", "chore", t.Chore, "error", err)
	}
}
