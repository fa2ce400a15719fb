package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// The number of lines with the same message is limited in each time window, since strangers can
// cause lines as fast as they send requests.
const (
	sampleWindow = 10 * time.Second
	sampleLines  = 50
	sampleKinds  = 200 // messages that are sampled separately; the rest share one sample
)

// sampler is a slog.Handler that writes the first lines of each message in a window and counts the
// others. The count is written at the end of the window.
type sampler struct {
	slog.Handler
	counts *lineCounts
}

// lineCounts is shared by the handlers of one logger.
type lineCounts struct {
	out slog.Handler

	mu     sync.Mutex
	window map[lineKind]int // lines so far; nil if no window is open
}

type lineKind struct {
	level   slog.Level
	message string
}

func newSampler(out slog.Handler) *sampler {
	return &sampler{Handler: out, counts: &lineCounts{out: out}}
}

// Handle implements slog.Handler.
func (s *sampler) Handle(ctx context.Context, r slog.Record) error {
	if !s.counts.take(lineKind{r.Level, r.Message}) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s *sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sampler{Handler: s.Handler.WithAttrs(attrs), counts: s.counts}
}

// WithGroup implements slog.Handler.
func (s *sampler) WithGroup(name string) slog.Handler {
	return &sampler{Handler: s.Handler.WithGroup(name), counts: s.counts}
}

// take counts a line and reports whether to write it.
func (c *lineCounts) take(kind lineKind) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.window == nil {
		c.window = map[lineKind]int{}
		time.AfterFunc(sampleWindow, c.flush)
	}
	if _, known := c.window[kind]; !known && len(c.window) >= sampleKinds {
		kind = lineKind{level: kind.level, message: "other messages"}
	}
	c.window[kind]++
	return c.window[kind] <= sampleLines
}

// flush ends the window and writes the number of omitted lines.
func (c *lineCounts) flush() {
	c.mu.Lock()
	window := c.window
	c.window = nil
	c.mu.Unlock()
	for kind, n := range window {
		if n <= sampleLines {
			continue
		}
		r := slog.NewRecord(time.Now(), kind.level, "log lines left out", 0)
		r.AddAttrs(slog.String("of", kind.message), slog.Int("count", n-sampleLines))
		_ = c.out.Handle(context.Background(), r)
	}
}
