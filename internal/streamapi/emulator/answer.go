package emulator

import (
	"bytes"
	"net/http"
	"strconv"
)

// answer records a handler's answer, to be examined before it is sent or dropped.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// send writes the answer. If cut isn't 0, it writes only that many bytes and then closes the
// connection.
func (a *answer) send(w http.ResponseWriter, cut int) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	if cut == 0 || cut >= a.body.Len() {
		_, _ = w.Write(a.body.Bytes())
		return
	}
	_, _ = w.Write(a.body.Bytes()[:cut])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	hangUp()
}

// hangUp closes the connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }
