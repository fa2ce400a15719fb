package app

import (
	"net/http"

	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/transport"
)

// routes returns the handler of everything that the server serves.
func (c serveCommand) routes(api *transport.Server, origins *transport.Origins, served servedChat, console http.Handler, d *desk.Desk, v *auth.Verifier, ready *readiness, t telemetry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(graphQL, api)
	if served.streamAPI != nil {
		mux.Handle("/api/v2/", served.streamAPI)
	}
	if served.hook != nil {
		mux.HandleFunc("POST "+hookPath, served.hook)
	}
	mux.Handle("GET /console/", http.StripPrefix("/console/", console))
	mux.Handle("GET /explorer/", http.RedirectHandler("/console/explorer", http.StatusFound)) // browsers keep the fragment, which has the token
	healthRoutes(mux, ready)
	c.userFileRoutes(mux, d, v, origins, t.logger)
	if served.media != nil {
		c.mediaRoutes(mux, served.media, d, v, origins)
	}
	if c.Dev {
		mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	}
	return transport.WithRequestID(withBodyTime(firstBytesTime, c.RequestTimeout, t.accounted(mux, v)))
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
