package app

import (
	"context"
	"io"
	"log/slog"
)

// loggers returns the server's logger, and the access log, nil if there is none. The format is
// JSON, or text during development. flush writes what was counted or buffered.
func (c serveCommand) loggers(w io.Writer) (logger *slog.Logger, access *accessLog, flush func()) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong has validated it
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: durationsAsText}
	asText := c.LogFormat == "text" || c.LogFormat == "auto" && c.Dev
	var out slog.Handler = slog.NewJSONHandler(w, options)
	if asText {
		out = slog.NewTextHandler(w, options)
	}
	sampled := newSampler(out)
	logger = slog.New(sampled)
	if !c.AccessLog || !logger.Enabled(context.Background(), slog.LevelInfo) {
		return logger, nil, sampled.counts.flush
	}
	access = newAccessLog(w, !asText)
	return logger, access, func() {
		access.flush()
		sampled.counts.flush()
	}
}

// durationsAsText writes durations with their unit; in JSON they would be bare nanoseconds.
func durationsAsText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
