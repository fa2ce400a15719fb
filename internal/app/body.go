package app

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// firstBytesTime is how long a client may take to begin with the body of a request.
const firstBytesTime = 5 * time.Second

// withBodyTime ends requests whose body doesn't begin, or isn't complete, in the given
// times. While a body is awaited, the connection counts as waiting. When it is there, the
// deadlines are removed: the server would take an expired deadline for a client that is
// gone, and cancel this request and all later ones of the connection.
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
		if !b.begun && !b.over { // the server reads what the handler leaves
			_ = b.control.SetReadDeadline(b.begin)
		}
	})
}

// awaited is a body that is arriving.
type awaited struct {
	io.ReadCloser
	conn    *limitedConn
	control *http.ResponseController
	begin   time.Time // when the first bytes must be there
	end     time.Time // when everything must be there, unless a handler gives more time
	begun   bool
	over    bool // there is nothing more to read
}

// Read implements io.Reader.
func (b *awaited) Read(p []byte) (int, error) {
	if !b.begun && !b.over {
		_ = b.control.SetReadDeadline(b.begin)
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF): // a small body is there at once
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
