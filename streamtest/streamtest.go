// Package streamtest starts a Stream-compatible chat server inside a test, for
// code that talks to hosted Stream Chat through an SDK or by itself. The server
// keeps its state in memory, its clock can be moved, and it fails on request.
//
//	server := streamtest.Start(t)
//	client, err := getstream.NewClient(server.Key, server.Secret, getstream.WithBaseUrl(server.URL))
//
// docs/emulator.md has more examples; docs/conformance.md lists the supported parts of Stream's API.
package streamtest

import (
	"net/http/httptest"
	"testing"
	"time"

	"backchannel/internal/streamapi/emulator"
)

// Fault is something that goes wrong with requests.
type Fault = emulator.Fault

// Duration is how long a [Fault] waits.
type Duration = emulator.Duration

// Request is a request to the server, with its answer.
type Request = emulator.Request

// Server is a running server of one test.
type Server struct {
	URL    string // base URL, e.g. http://127.0.0.1:34567
	Key    string // the app's API key
	Secret string // the app's API secret

	tb       testing.TB
	emulator *emulator.Emulator
}

// Start starts a server that ends with the test. The seeds are JSON as
// [Server.Seed] takes it.
func Start(tb testing.TB, seeds ...string) *Server {
	tb.Helper()
	e, err := emulator.New(tb.Context(), emulator.Options{})
	if err != nil {
		tb.Fatal("starting the emulator: ", err)
	}
	web := httptest.NewServer(e)
	tb.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		if err := e.Close(); err != nil {
			tb.Error("ending the emulator: ", err)
		}
	})
	s := &Server{URL: web.URL, Key: emulator.DefaultKey, Secret: emulator.DefaultSecret, tb: tb, emulator: e}
	for _, seed := range seeds {
		s.Seed(seed)
	}
	return s
}

// Seed adds users, channels and messages, given as JSON:
//
//	{"users": [{"id": "alice", "name": "Alice"}],
//	 "channels": [{"type": "messaging", "id": "one",
//	   "data": {"created_by_id": "alice", "members": [{"user_id": "alice"}], "custom": {"name": "One"}},
//	   "messages": [{"user_id": "alice", "text": "hello"}]}]}
//
// An invalid seed fails the test.
func (s *Server) Seed(json string) {
	s.tb.Helper()
	if err := s.emulator.Seed(s.tb.Context(), []byte(json)); err != nil {
		s.tb.Fatal(err)
	}
}

// Fail switches a fault on. An invalid fault fails the test.
func (s *Server) Fail(f Fault) {
	s.tb.Helper()
	if err := s.emulator.Fail(f); err != nil {
		s.tb.Fatal(err)
	}
}

// ClearFaults switches all faults off.
func (s *Server) ClearFaults() { s.emulator.ClearFaults() }

// Requests returns the last requests, up to 10,000, oldest first.
func (s *Server) Requests() []Request { return s.emulator.Requests() }

// Now is the server's time.
func (s *Server) Now() time.Time { return s.emulator.Now() }

// Advance moves the server's clock forward, or back by a negative duration.
func (s *Server) Advance(d time.Duration) { s.emulator.Advance(d) }

// SetTime moves the server's clock to a time, from where it ticks on.
func (s *Server) SetTime(t time.Time) { s.emulator.SetTime(t) }

// ServerToken is a token with which a back end calls the API.
func (s *Server) ServerToken() string { return s.emulator.Token("") }

// UserToken is a token of one user.
func (s *Server) UserToken(id string) string { return s.emulator.Token(id) }

// Reset forgets everything: state, faults, requests and the clock.
func (s *Server) Reset() {
	s.tb.Helper()
	if err := s.emulator.Reset(s.tb.Context()); err != nil {
		s.tb.Fatal(err)
	}
}
