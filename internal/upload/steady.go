package upload

import (
	"io"
	"net/http"
	"time"
)

// SteadyBody extends the read deadline of a request's body as long as it makes progress. The
// server's own deadlines are for small requests.
type SteadyBody struct {
	io.ReadCloser
	Control *http.ResponseController
	Stall   time.Duration // the maximum time without progress
}

// Read implements io.Reader.
func (b *SteadyBody) Read(p []byte) (int, error) {
	_ = b.Control.SetReadDeadline(time.Now().Add(b.Stall))
	return b.ReadCloser.Read(p)
}

// SteadyWriter extends the write deadline of a response as long as it makes progress.
type SteadyWriter struct {
	http.ResponseWriter
	Control *http.ResponseController
	Stall   time.Duration
}

// Write implements io.Writer.
func (w *SteadyWriter) Write(p []byte) (int, error) {
	_ = w.Control.SetWriteDeadline(time.Now().Add(w.Stall))
	return w.ResponseWriter.Write(p)
}
