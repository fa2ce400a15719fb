package streamapi

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"backchannel/internal/streamapi/wire"
)

// RoundTrip implements http.RoundTripper, so that a client in the same process reaches the server
// without a network.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer func() { _ = r.Body.Close() }()
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	s.ServeHTTP(answer, r)
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: r.Proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// madeAt returns the time, or zero if requests must not set times.
func (s *Server) madeAt(g wire.GivenTime) time.Time {
	if !s.transfer {
		return time.Time{}
	}
	return g.Time
}

// recorder holds the server's answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
