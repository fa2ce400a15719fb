package emulator

import (
	"bytes"
	"net/http"
	"strconv"
)

// answer keeps what a handler answers, to be looked at and sent on, or not.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// send writes the answer, whole or its first so many bytes only, after which the
// connection is cut.
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

// hangUp ends the connection without another word.
func hangUp() { panic(http.ErrAbortHandler) }
