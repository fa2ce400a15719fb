package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
)

// readyTime is the time limit of all checks together.
const readyTime = 2 * time.Second

// check returns an error if something can't serve. The message of a *chat.Error is shown to
// callers.
type check func(ctx context.Context) error

// readiness reports whether the server can serve. It logs changes of that.
type readiness struct {
	checks []check
	logger *slog.Logger

	mu     sync.Mutex
	reason string // of the last check, "" if ready
	since  time.Time
}

func healthRoutes(mux *http.ServeMux, ready *readiness) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "alive, backchannel "+version())
	})
	mux.Handle("GET /readyz", ready)
}

// ServeHTTP answers 200, or 503 with the reasons.
func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), readyTime)
	defer cancel()
	errs := make([]error, len(r.checks))
	var all sync.WaitGroup
	for i, check := range r.checks { // at the same time: one that takes all of it must not make others fail
		all.Go(func() { errs[i] = check(ctx) })
	}
	all.Wait()
	var reasons []string
	for _, err := range errs {
		if err != nil {
			reasons = append(reasons, shown(err))
		}
	}
	causes := errors.Join(errs...)
	reason := strings.Join(reasons, " ")
	if req.Context().Err() == nil {
		r.note(reason, causes)
	}
	if reason != "" {
		answer(w, http.StatusServiceUnavailable, "not ready: "+reason)
		return
	}
	answer(w, http.StatusOK, "ready")
}

func (r *readiness) note(reason string, causes error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case reason == r.reason:
		return
	case reason == "":
		r.logger.Info("ready again", "after", time.Since(r.since).Round(time.Millisecond))
	case r.reason == "":
		r.since = time.Now()
		fallthrough
	default:
		r.logger.Warn("not ready", "reason", reason, "error", causes)
	}
	r.reason = reason
}

func shown(err error) string {
	if chat.CodeOf(err) == chat.Internal {
		return "The chat doesn't answer."
	}
	return chat.MessageOf(err)
}

// issuerReady returns an error if the issuer's keys aren't available.
func issuerReady(v *auth.Verifier) error {
	if err := v.Ready(); err != nil {
		return &chat.Error{Code: chat.Unavailable, Message: "The token issuer's keys can't be read.", Cause: err}
	}
	return nil
}
