package streamapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"backchannel/internal/streamapi/wire"
)

// noEndpoint returns an error that contains "Not Found" and "not available", since clients look for
// these words.
func noEndpoint(c *call) error {
	return wire.Missing("Not Found: %s %s is not available here; docs/conformance.md lists the endpoints that are", c.Method, c.URL.Path)
}

// logRefused logs why a request was refused. Server failures are logged elsewhere.
func (s *Server) logRefused(w http.ResponseWriter, r *http.Request, err error) {
	e := wire.AsError(err)
	if e.Kind.Status >= http.StatusInternalServerError {
		return
	}
	attrs := []any{"request_id", w.Header().Get("X-Request-Id"), "remote", r.RemoteAddr, "path", r.URL.Path, "code", e.Kind.Code, "reason", e.Message}
	if e.Cause != nil {
		attrs = append(attrs, "cause", e.Cause)
	}
	s.logger.Info("caller refused", attrs...)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, name string, err error, begun time.Time) {
	e := wire.AsError(err)
	if e.Kind.Status >= http.StatusInternalServerError {
		s.logger.Error("a request of Stream's API failed", "endpoint", name, "path", r.URL.Path, "error", err)
	}
	message := e.Message
	if name != "" {
		message = fmt.Sprintf("%s failed with error: %q", name, message)
	}
	body, _ := json.Marshal(wire.ErrorBody{ // encoding can't fail
		Code: e.Kind.Code, Message: message, StatusCode: e.Kind.Status, Duration: took(begun), MoreInfo: wire.MoreInfo, Details: []int{},
	})
	if e.Kind == wire.RateLimited || e.Kind == wire.Unavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, e.Kind.Status, body)
}
