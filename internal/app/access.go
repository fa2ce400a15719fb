package app

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/transport"
)

// graphQL is the only route that records its requests itself, since it knows the caller, the
// operation and the code.
const graphQL = "/graphql"

// accounted counts the other requests and writes an entry for each to the access log, with the
// caller of those that need one of our tokens.
func (t telemetry) accounted(mux *http.ServeMux, v *auth.Verifier) http.Handler {
	if t.metrics == nil && t.access == nil {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == graphQL {
			mux.ServeHTTP(w, r)
			return
		}
		began := time.Now()
		noted := &noted{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(noted, r)
		t.metrics.HTTP(routeOf(r), strconv.Itoa(noted.status))
		if t.access != nil && !isProbe(r) {
			host, _ := addressOf(r.RemoteAddr)
			t.access.note(transport.Access{Remote: host.String(), Caller: uploader(r, v), Operation: r.Method + " " + routeOf(r), Code: strconv.Itoa(noted.status),
				Took: time.Since(began), RequestID: w.Header().Get("X-Request-Id")})
		}
	})
}

// uploader returns the user id in the token of a request with a file, "" for other requests and
// without a valid token. Verifying the token again costs little compared with the file.
func uploader(r *http.Request, v *auth.Verifier) string {
	if r.Pattern != postMedia && r.Pattern != postUserFile {
		return ""
	}
	caller, err := v.Verify(auth.BearerToken(r.Header.Get("Authorization")))
	if err != nil {
		return ""
	}
	return caller.ID
}

// routeOf returns the route that served a request, or would: never a part of the path that the
// caller chose.
func routeOf(r *http.Request) string {
	if r.Pattern != "" {
		_, path, found := strings.Cut(r.Pattern, " ")
		if !found {
			path = r.Pattern
		}
		return path
	}
	for _, known := range []string{graphQL, "/media", "/api/v2", "/console"} { // it isn't routed yet
		if r.URL.Path == known || strings.HasPrefix(r.URL.Path, known+"/") {
			return known
		}
	}
	return "other"
}

func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// noted is a response that records its status.
type noted struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController access to the underlying writer.
func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// ReadFrom lets the kernel copy files.
func (n *noted) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := n.ResponseWriter.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{n.ResponseWriter}, r)
}
