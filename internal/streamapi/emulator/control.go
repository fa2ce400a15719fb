package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxControl is the maximum length of the body of a control request, in bytes.
const maxControl = 32 << 20

// routes returns the handler of the controls. They need no token, since an emulator has no secrets.
// They accept only JSON, so that web pages can't use them.
func (e *Emulator) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /emulator/clock", func(w http.ResponseWriter, _ *http.Request) { e.showClock(w) })
	mux.HandleFunc("POST /emulator/clock", control(e.setClock))
	mux.HandleFunc("GET /emulator/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"faults": e.Faults()})
	})
	mux.HandleFunc("POST /emulator/faults", control(e.addFault))
	mux.HandleFunc("DELETE /emulator/faults", func(w http.ResponseWriter, _ *http.Request) {
		e.ClearFaults()
		reply(w, http.StatusOK, map[string]any{})
	})
	mux.HandleFunc("GET /emulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"requests": e.Requests()})
	})
	mux.HandleFunc("POST /emulator/seed", control(func(w http.ResponseWriter, r *http.Request, text []byte) error {
		if err := e.Seed(r.Context(), text); err != nil {
			return err
		}
		reply(w, http.StatusOK, map[string]any{})
		return nil
	}))
	mux.HandleFunc("POST /emulator/reset", control(func(w http.ResponseWriter, r *http.Request, _ []byte) error {
		if err := e.Reset(r.Context()); err != nil {
			return err
		}
		reply(w, http.StatusOK, map[string]any{})
		return nil
	}))
	return mux
}

// control makes a handler that reads a JSON request and answers errors with their text.
func control(do func(w http.ResponseWriter, r *http.Request, text []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			reply(w, http.StatusUnsupportedMediaType, map[string]any{"error": "send JSON, with Content-Type: application/json"})
			return
		}
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
		if err == nil {
			err = do(w, r, text)
		}
		if err != nil {
			reply(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		}
	}
}

func (e *Emulator) showClock(w http.ResponseWriter) {
	reply(w, http.StatusOK, map[string]any{"now": e.Now().UTC().Format(time.RFC3339Nano)})
}

func (e *Emulator) setClock(w http.ResponseWriter, _ *http.Request, text []byte) error {
	var req struct {
		Advance Duration  `json:"advance"`
		Set     time.Time `json:"set"`
		Real    bool      `json:"real"`
	}
	if err := json.Unmarshal(text, &req); err != nil {
		return err
	}
	switch {
	case req.Real:
		e.clock.ahead.Store(0)
	case !req.Set.IsZero():
		e.SetTime(req.Set)
	case req.Advance != 0:
		e.Advance(time.Duration(req.Advance))
	default:
		return errors.New(`give {"advance": "1h"}, {"set": "2026-01-31T12:00:00Z"} or {"real": true}`)
	}
	e.showClock(w)
	return nil
}

func (e *Emulator) addFault(w http.ResponseWriter, _ *http.Request, text []byte) error {
	var f Fault
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	if err := e.Fail(f); err != nil {
		return err
	}
	reply(w, http.StatusOK, map[string]any{"faults": e.Faults()})
	return nil
}
