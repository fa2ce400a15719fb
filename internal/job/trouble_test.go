package job

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTroubleIsToldWhenItBeginsEachMinuteAndWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		trouble := Trouble{Logger: slog.New(slog.NewTextHandler(&log, nil)), Chore: "looking"}
		away := errors.New("the database is away")
		for _, step := range []struct {
			err              error
			times            int // one second apart
			failed, succeeds int
		}{
			{nil, 5, 0, 0},
			{away, 60, 1, 0},
			{away, 30, 1, 0},
			{nil, 5, 0, 1},
			{away, 5, 1, 0},
		} {
			log.Reset()
			for range step.times {
				trouble.Note(t.Context(), step.err)
				time.Sleep(time.Second)
			}
			failed := strings.Count(log.String(), "a chore failed")
			if succeeds := strings.Count(log.String(), "a chore succeeds again"); failed != step.failed || succeeds != step.succeeds {
				t.Errorf("%d times %v: %d lines of failure and %d of its end, want %d and %d:\n%s",
					step.times, step.err, failed, succeeds, step.failed, step.succeeds, log.String())
			}
		}
	})
}
