package app

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// firstBytesTime is how long a client may take until the first bytes of a request's body.
const firstBytesTime = 5 * time.Second

// withBodyTime ends requests whose body doesn't start, or isn't complete, within the given times.
// While a body is awaited, its connection counts as waiting. Afterwards the deadlines are removed:
// the server would treat an expired deadline as a disconnected client and cancel this request and
// all later ones of the connection.
func withBodyTime(first, whole time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := connection(r.Context())
		if r.ContentLength == 0 {
			c.works()
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
			next.ServeHTTP(w, r)
			return
		}
		c.waits()
		now := time.Now()
		b := &awaited{ReadCloser: r.Body, conn: c, control: http.NewResponseController(w),
			begin: now.Add(min(first, whole)), end: now.Add(whole)}
		r.Body = b
		next.ServeHTTP(w, r)
		if !b.begun && !b.over { // the server reads what the handler has left
			_ = b.control.SetReadDeadline(b.begin)
		}
	})
}

// awaited is the body of a request that is being received.
type awaited struct {
	io.ReadCloser
	conn    *limitedConn
	control *http.ResponseController
	begin   time.Time // deadline for the first bytes
	end     time.Time // deadline for the whole body, unless a handler extends it
	begun   bool
	over    bool // the body was read completely
}

// Read implements io.Reader.
func (b *awaited) Read(p []byte) (int, error) {
	if !b.begun && !b.over {
		_ = b.control.SetReadDeadline(b.begin)
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF): // a small body arrives at once
		if !b.over {
			_ = b.control.SetReadDeadline(time.Time{})
		}
		b.over = true
		b.conn.works()
	case err != nil:
		b.over = true
		b.conn.works()
	case n > 0 && !b.begun:
		b.begun = true
		_ = b.control.SetReadDeadline(b.end)
		b.conn.waits()
	case n > 0:
		b.conn.waits()
	}
	return n, err
}
