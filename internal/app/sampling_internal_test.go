package app

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"backchannel/internal/logtest"
)

// A client that causes lines in a loop can't fill the disk, and every line is counted.
func TestLogIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text logtest.Log
		logger := slog.New(newSampler(slog.NewTextHandler(&text, nil)))
		for i := range 10_000 {
			logger.With("n", i).Info("caller refused", "cause", errors.New("bad token"))
		}
		logger.Error("a bug")
		if got := strings.Count(text.String(), "caller refused"); got != sampleLines {
			t.Errorf("%d lines were written, want %d", got, sampleLines)
		}
		if !strings.Contains(text.String(), "a bug") {
			t.Error("refusals hide another message")
		}
		time.Sleep(sampleWindow + time.Second)
		synctest.Wait() // for the line that counts
		if want := fmt.Sprintf(`msg="log lines left out" of="caller refused" count=%d`, 10_000-sampleLines); !strings.Contains(text.String(), want) {
			t.Errorf("the lines left out aren't counted: %s", text.String()[max(0, len(text.String())-300):])
		}
		before := len(text.String())
		logger.Info("caller refused")
		if !strings.Contains(text.String()[before:], "caller refused") {
			t.Error("the next window writes nothing")
		}
		time.Sleep(sampleWindow)
	})
}

func TestMessagesWithoutBoundAreSampledTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text logtest.Log
		logger := slog.New(newSampler(slog.NewTextHandler(&text, nil)))
		for i := range 10_000 {
			logger.Warn(fmt.Sprint("no constant message ", i)) //nolint:sloglint // what is tested
		}
		if got := strings.Count(text.String(), "\n"); got > sampleKinds+sampleLines {
			t.Errorf("%d lines were written", got)
		}
		time.Sleep(sampleWindow)
	})
}
