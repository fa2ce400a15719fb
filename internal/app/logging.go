package app

import (
	"io"
	"log/slog"
)

// logger makes the server's logger: JSON, or text for people while developing. flush
// writes what it has counted and not written yet.
func (c serveCommand) logger(w io.Writer) (logger *slog.Logger, flush func()) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // one of the flag's words
	options := &slog.HandlerOptions{Level: level}
	var out slog.Handler = slog.NewJSONHandler(w, options)
	if c.LogFormat == "text" || c.LogFormat == "auto" && c.Dev {
		out = slog.NewTextHandler(w, options)
	}
	sampled := newSampler(out)
	return slog.New(sampled), sampled.counts.flush
}
