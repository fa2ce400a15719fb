package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
)

// readyTime is how long the chat may take to say that it is there.
const readyTime = 2 * time.Second

// routes is all that the server answers.
func (c serveCommand) routes(api *graph.Server, origins *graph.Origins, h house, console http.Handler, d *desk.Desk, v *auth.Verifier, logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", api)
	if h.streamAPI != nil {
		mux.Handle("/api/v2/", h.streamAPI)
	}
	mux.Handle("GET /console/", http.StripPrefix("/console/", console))
	mux.Handle("GET /explorer/", http.RedirectHandler("/console/explorer", http.StatusFound)) // browsers keep the fragment with the token
	healthRoutes(mux, d, logger)
	if h.media != nil {
		c.mediaRoutes(mux, h.media, d, v, origins)
	}
	if c.Dev {
		mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	}
	return graph.WithRequestID(withBodyTime(firstBytesTime, c.RequestTimeout, mux))
}

func healthRoutes(mux *http.ServeMux, d *desk.Desk, logger *slog.Logger) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "alive, backchannel "+version())
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, d, logger) })
}

func ready(w http.ResponseWriter, r *http.Request, d *desk.Desk, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := d.Ready(ctx); err != nil {
		logger.Warn("not ready", "error", err)
		answer(w, http.StatusServiceUnavailable, "the chat does not answer")
		return
	}
	answer(w, http.StatusOK, "ready")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
