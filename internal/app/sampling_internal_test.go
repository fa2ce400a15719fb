package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lockedBuffer is a log that a timer writes to while a test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A client that causes lines in a loop can't fill the disk, and every line is counted.
func TestLogIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text lockedBuffer
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
		var text lockedBuffer
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
