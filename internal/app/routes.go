package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/web"
)

// readyTime is how long the chat may take to say that it is there.
const readyTime = 2 * time.Second

// routes is all that the server answers.
func (c serveCommand) routes(api *graph.Server, h house, console http.Handler, d *desk.Desk, v *auth.Verifier, logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", api)
	if h.streamAPI != nil {
		mux.Handle("/api/v2/", h.streamAPI)
	}
	mux.Handle("GET /console/", http.StripPrefix("/console/", console))
	mux.Handle("GET /explorer/", c.explorerOnly(d, v, http.StripPrefix("/explorer/", web.Explorer())))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, d, logger) })
	if h.media != nil {
		c.mediaRoutes(mux, h.media, d, v)
	}
	if c.Dev {
		mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	}
	return graph.WithRequestID(mux)
}

// explorerOnly lets everybody in while developing, else who brings the token of
// a back-office user. Browsers bring none: the console has the explorer for them.
func (c serveCommand) explorerOnly(d *desk.Desk, v *auth.Verifier, next http.Handler) http.Handler {
	if c.Dev {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := v.Verify(auth.BearerToken(r.Header.Get("Authorization")))
		if !d.IsBackOffice(desk.Request{Caller: caller, Denied: err}) {
			http.Redirect(w, r, "/console/explorer", http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
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
